/** From nothing to a file in the bucket and back, with every step taken in the window. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { picture } from './testing/pictures.ts'
import { isMounted } from './testing/processes.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(300_000)

test('a new user adds an account and a drive, works in it, and finds everything again after a restart', async ({
  world,
}) => {
  const mountpoint = path.join(world.home, 'CloudMount', bucket)
  const sent = randomBytes(3 * 1024 * 1024 + 17)
  const app = await world.start()
  const window = await app.window()
  const { page } = window

  await test.step('the first run shows the way, and its button adds an account', async () => {
    await expect(page.getByRole('heading', { name: 'Welcome to CloudMount' })).toBeVisible()
    await picture(app, window, 'welcome')
    await page.getByRole('button', { name: 'Add an account' }).click()
    const dialog = await window.fillAccount({ ...world.account, name: 'Office' })
    await dialog.getByRole('button', { name: 'Test connection' }).click()
    await expect(window.testSteps().filter({ hasText: 'Reach the service: Passed' })).toBeVisible({ timeout: 30_000 })
    await expect(window.testSteps().filter({ hasText: 'Sign in with the keys: Passed' })).toBeVisible()
    await expect(dialog.getByRole('list', { name: 'Buckets' })).toContainText(bucket)
    await picture(app, window, 'account-tested')
    await dialog.getByRole('button', { name: 'Add account' }).click()
    await expect(dialog).toBeHidden()
  })

  await test.step('a bucket that the test found is chosen, and mounted', async () => {
    const dialog = window.dialog('Choose what to mount')
    await dialog.getByRole('checkbox', { name: bucket }).check()
    await picture(app, window, 'first-drives-choice')
    await dialog.getByRole('button', { name: 'Mount 1 drive' }).click()
    await expect(dialog.getByText('1 drive is mounted.')).toBeVisible({ timeout: mountsWithinMs })
    await expect(dialog.getByRole('button', { name: 'Open folder' })).toBeFocused()
    await picture(app, window, 'first-drives-mounted')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await window.driveIsMounted(bucket)
    expect(await isMounted(mountpoint)).toBe(true)
  })

  await test.step('a file written through the drive is seen as a transfer and reaches the bucket', async () => {
    await writeFile(path.join(mountpoint, 'report.bin'), sent)
    await window.show('Transfers')
    await expect(window.transfer('report.bin')).toContainText('Uploaded', { timeout: mountsWithinMs })
    expect(sent.equals((await world.object('report.bin')) ?? Buffer.alloc(0))).toBe(true)
  })

  await test.step('an object another client put appears in the drive', async () => {
    const put = randomBytes(200_000)
    await world.client.put(bucket, 'from elsewhere.bin', put)
    const read = () => readFile(path.join(mountpoint, 'from elsewhere.bin')).catch(() => undefined)
    await expect.poll(async () => (await read())?.equals(put), { timeout: mountsWithinMs }).toBe(true)
    expect((await readdir(mountpoint)).sort()).toEqual(['from elsewhere.bin', 'report.bin'])
  })

  await test.step('a click unmounts it, and another mounts it again', async () => {
    await window.show('Drives')
    await window.everythingIsUploaded(bucket)
    await window.card(bucket).getByRole('button', { name: 'Unmount', exact: true }).click()
    await expect(window.driveState(bucket)).toContainText('Not mounted', { timeout: 30_000 })
    expect(await isMounted(mountpoint)).toBe(false)
    expect(await readdir(mountpoint)).toEqual([])
    await window.card(bucket).getByRole('button', { name: 'Mount', exact: true }).click()
    await window.driveIsMounted(bucket)
    await app.quit()
    expect(await isMounted(mountpoint)).toBe(false)
  })

  await test.step('after a restart the account, the drive and the file are there', async () => {
    const again = await world.start()
    const opened = await again.window()
    await opened.driveIsMounted(bucket)
    expect(sent.equals(await readFile(path.join(mountpoint, 'report.bin')))).toBe(true)
    await opened.show('Accounts')
    await expect(opened.card('Office')).toContainText(world.server.endpoint)
    await again.quit()
  })

  await test.step('no file the app keeps holds the secret key', async () => {
    expect(await filesHolding(world)).toEqual([])
  })
})

async function filesHolding({ userData, account }: World): Promise<string[]> {
  const secret = account.secretAccessKey
  const spellings = [Buffer.from(secret), Buffer.from(secret, 'utf16le'), Buffer.from(btoa(secret).replace(/=+$/, ''))]
  const entries = await readdir(userData, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  // A search that looks at nothing finds nothing.
  expect(files.some((file) => file.endsWith('cloudmount.json'))).toBe(true)
  const found: string[] = []
  for (const file of files) {
    const content = await readFile(file)
    if (spellings.some((spelling) => content.includes(spelling))) found.push(path.relative(userData, file))
  }
  return found
}
