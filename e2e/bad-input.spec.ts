/** What a person gets wrong is answered in the window with what happened and what to do. */
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { picture } from './testing/pictures.ts'
import type { CloudMountWindow } from './testing/window.ts'
import { mountsWithinMs, type AccountEntry } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(180_000)

test('a wrong secret key is told apart from other mistakes, and nothing is saved', async ({ world }) => {
  const app = await world.start()
  const window = await app.window()
  await tests(window, { ...world.account, secretAccessKey: 'not the right one' })
  await failsAt(window, 'Sign in with the keys', [
    'The secret key does not belong to access key',
    'Enter the secret access key again.',
  ])
  await expect(window.dialog('Add account').getByRole('button', { name: 'Add anyway' })).toBeVisible()
  await picture(app, window, 'account-wrong-secret')
  await window.dialog('Add account').getByRole('button', { name: 'Cancel' }).click()
  await expect(window.page.getByRole('heading', { name: 'No accounts yet' })).toBeVisible()
})

test('an endpoint where nothing listens is said not to answer', async ({ world }) => {
  const app = await world.start()
  const window = await app.window()
  const { endpoint, server } = await webServer()
  await closed(server)
  await tests(window, { ...world.account, endpoint })
  await failsAt(window, 'Reach the service', [`Nothing answers at ${endpoint}.`, 'Check the endpoint and its port'])
  await picture(app, window, 'account-unreachable')
})

test('a web server that is not an S3 service is recognised as such', async ({ world }) => {
  const app = await world.start()
  const window = await app.window()
  const { endpoint, server } = await webServer()
  try {
    await tests(window, { ...world.account, endpoint })
    await failsAt(window, 'Reach the service', [
      `What answers at ${endpoint} is not an S3 service.`,
      'Check the endpoint',
    ])
  } finally {
    await closed(server)
  }
})

test('a bucket that does not exist is named by the test of the account and by the drive', async ({ world }) => {
  const app = await world.start()
  const window = await app.window()
  const mountpoint = await world.emptyFolder('drive')
  const words = ['There is no bucket “no-such-bucket”', 'Check the name of the bucket']

  await tests(window, world.account, 'no-such-bucket')
  await failsAt(window, 'List', words)
  await window.dialog('Add account').getByRole('button', { name: 'Add anyway' }).click()
  await expect(window.dialog('Add account')).toBeHidden()

  await window.show('Drives')
  await window.page.getByRole('button', { name: 'Add drive' }).click()
  const dialog = window.dialog('Add drive')
  await dialog.getByRole('combobox', { name: 'Bucket' }).fill('no-such-bucket')
  await dialog.getByRole('textbox', { name: 'Mount at' }).fill(mountpoint)
  await dialog.getByRole('button', { name: 'Add and mount' }).click()
  await expect(window.driveState('no-such-bucket')).toContainText('Could not mount', { timeout: mountsWithinMs })
  for (const part of words) await expect(window.card('no-such-bucket')).toContainText(part)
  await picture(app, window, 'drive-could-not-mount')
})

test('a folder that is not empty is refused while the form is open, and stays as it was', async ({ world }) => {
  const app = await world.start()
  const window = await app.window()
  const used = await world.emptyFolder('used')
  const kept = path.join(used, 'mine.txt')
  await writeFile(kept, 'mine')
  await window.addAccount(world.account)
  await window.show('Drives')
  await window.page.getByRole('button', { name: 'Add drive' }).click()
  const dialog = await window.fillDrive({ bucket, mountpoint: used })
  await dialog.getByRole('button', { name: 'Add and mount' }).click()
  await expect(dialog.getByRole('alert')).toContainText(`The folder ${used} is not empty.`)
  await expect(dialog.getByRole('alert')).toContainText('Choose an empty folder')
  await expect(dialog.getByRole('alert')).toBeInViewport({ ratio: 1 })
  expect(await readFile(kept, 'utf8')).toBe('mine')
  await picture(app, window, 'drive-folder-not-empty')

  await dialog.getByRole('textbox', { name: 'Mount at' }).fill(await world.emptyFolder('empty'))
  await dialog.getByRole('button', { name: 'Add and mount' }).click()
  await window.driveIsMounted(bucket)
})

async function tests(window: CloudMountWindow, entry: AccountEntry, testBucket?: string): Promise<void> {
  await window.show('Accounts')
  await window.page.getByRole('button', { name: 'Add account' }).click()
  const dialog = await window.fillAccount(entry)
  if (testBucket !== undefined) {
    await dialog.getByRole('button', { name: 'More options' }).click()
    await dialog.getByRole('textbox', { name: 'Bucket to test with (optional)' }).fill(testBucket)
  }
  await dialog.getByRole('button', { name: 'Test connection' }).click()
}

async function failsAt(window: CloudMountWindow, step: string, words: readonly string[]): Promise<void> {
  const failed = window.testSteps().filter({ hasText: `${step}: Failed` })
  await expect(failed).toBeVisible({ timeout: 60_000 })
  for (const part of words) await expect(failed).toContainText(part)
}

async function webServer(): Promise<{ endpoint: string; server: Server }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>A page</title><p>Hello.')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
