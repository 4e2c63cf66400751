/** A sign-in that ends while a drive is mounted, and is renewed in the window or by the AWS tools: words, cache, queue. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DemoUser } from '../demo-server/server.ts'
import { picture } from './testing/pictures.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(300_000)
const soon = { timeout: 60_000 }

const session = (name: string): DemoUser & { sessionToken: string } => ({
  accessKeyId: `ASIA${name}`,
  secretAccessKey: `secret-of-${name}`,
  sessionToken: `token-of-${name}`,
  policy: 'full',
})
const [first, second] = [session('FIRST'), session('SECOND')]

/** The server's own client signs as somebody who stays. */
function signInAs(world: World, user: DemoUser): void {
  const { accessKeyId, secretAccessKey } = world.account
  world.server.setUsers([{ accessKeyId, secretAccessKey, policy: 'full' }, user])
}

const end = (world: World): void => signInAs(world, { ...first, expiresAt: Date.now() - 1 })

test('session keys that end are told on the card, and new ones entered there go on with everything', async ({
  world,
}) => {
  signInAs(world, first)
  await world.client.put(bucket, 'read.txt', Buffer.from('read before'))
  const mountpoint = await world.emptyFolder('drive')
  const app = await world.start()
  const window = await app.window()
  await window.show('Accounts')
  await window.page.getByRole('button', { name: 'Add account' }).click()
  const adding = await window.fillAccount({ ...first, endpoint: world.server.endpoint })
  await adding.getByRole('button', { name: 'More options' }).click()
  await adding.getByLabel('Session token').fill(first.sessionToken)
  await adding.getByRole('button', { name: 'Add account' }).click()
  await expect(adding).toBeHidden(soon)
  await window.addDrive({ bucket, mountpoint })
  await window.driveIsMounted(bucket)
  const file = path.join(mountpoint, 'read.txt')
  expect(await readFile(file, 'utf8')).toBe('read before')
  await window.everythingIsUploaded(bucket)

  end(world)
  await writeFile(path.join(mountpoint, 'later.txt'), 'written signed out')
  const state = window.driveState(bucket)
  await expect(state).toContainText('Signed out', soon)
  await expect(state).toContainText('Files on this computer stay readable; 1 change waits.')
  await expect(state).not.toContainText('Offline')
  await picture(app, window, 'drive-signed-out')
  expect(await readFile(file, 'utf8')).toBe('read before')
  expect(world.timesStored('later.txt')).toBe(0)
  const mainLog = (): Promise<string> => readFile(path.join(world.userData, 'logs', 'main.log'), 'utf8')
  await expect.poll(mainLog, soon).toMatch(/notified: The sign-in of “.+” has ended\./)

  signInAs(world, second)
  await window.card(bucket).getByRole('button', { name: 'Edit account…' }).click()
  const dialog = window.dialog(/^Edit/)
  await dialog.getByRole('textbox', { name: 'Access key' }).fill(second.accessKeyId)
  await dialog.getByLabel('Secret key').fill(second.secretAccessKey)
  await dialog.getByLabel('Session token').fill(second.sessionToken)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden(soon)
  await window.everythingIsUploaded(bucket)
  expect((await world.object('later.txt'))?.toString()).toBe('written signed out')
  expect(world.timesStored('later.txt')).toBe(1)
  const log = await mainLog()
  expect(log.match(/notified: /g)).toHaveLength(1)
  for (const word of ['token-of-', 'secret-of-']) expect(log).not.toContain(word)
  await app.quit()
})

test('a profile says how to sign in again, and a new sign-in is noticed by itself', async ({ world }) => {
  signInAs(world, first)
  const folder = path.join(world.home, '.aws')
  await mkdir(folder)
  const writeKeys = (user: typeof first, endsAt: number): Promise<void> =>
    writeFile(
      path.join(folder, 'credentials'),
      `[work]\naws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\naws_session_token = ${user.sessionToken}\naws_expiration = ${new Date(endsAt).toISOString()}\n`,
    )
  await writeKeys(first, Date.now() + 500_000)
  const mountpoint = await world.emptyFolder('drive')
  const app = await world.start()
  const window = await app.window()
  await window.show('Accounts')
  await window.page.getByRole('button', { name: 'Add account' }).click()
  const adding = window.dialog('Add account')
  await adding.getByRole('radio', { name: 'Other', exact: true }).click()
  await adding.getByRole('textbox', { name: 'Endpoint' }).fill(world.server.endpoint)
  await adding.getByRole('radio', { name: 'AWS profile' }).click()
  await expect(adding.getByRole('combobox', { name: 'Profile' })).toContainText('work', soon)
  await adding.getByRole('button', { name: 'Add account' }).click()
  await expect(adding).toBeHidden(soon)
  await window.addDrive({ bucket, mountpoint })
  await window.driveIsMounted(bucket)
  await expect(window.card(bucket)).toContainText(/Your sign-in ends at \d\d:\d\d\./, soon)
  await picture(app, window, 'drive-signs-out-soon')

  end(world)
  await writeFile(path.join(mountpoint, 'later.txt'), 'written signed out')
  await expect(window.driveState(bucket)).toContainText('Signed out', soon)
  await expect(window.card(bucket)).toContainText(
    'Renew the keys of the profile “work” with the tool that writes them.',
  )
  signInAs(world, second)
  await writeKeys(second, Date.now() + 8 * 3_600_000)
  await window.everythingIsUploaded(bucket)
  expect((await world.object('later.txt'))?.toString()).toBe('written signed out')
  await expect(window.card(bucket)).not.toContainText('Your sign-in ends')
  await app.quit()
})
