/** What a new user sees before the first drive is mounted: forms, a test on its way, what other programs know, and a computer without a keychain. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { picture, zoomTo } from './testing/pictures.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(300_000)
const soon = { timeout: 30_000 }

test('the forms of an account, its test, and what other programs know', async ({ world }) => {
  await otherPrograms(world)
  const app = await world.start()
  const window = await app.window()
  const { page } = window
  const dialog = window.dialog('Add account')

  await test.step('each service asks for no more than it needs', async () => {
    await page.getByRole('button', { name: 'Add an account' }).click()
    for (const [service, name] of [
      ['Amazon S3', 'account-amazon'],
      ['Cloudflare R2', 'account-r2'],
      ['MinIO', 'account-minio'],
      ['Other', 'account-other'],
    ] as const) {
      await dialog.getByRole('radio', { name: service, exact: true }).click()
      await picture(app, window, name)
    }
    await dialog.getByRole('button', { name: 'Add account' }).click()
    await expect(dialog.getByText('Enter the access key.')).toBeVisible()
    await picture(app, window, 'account-left-empty')
    await dialog.getByRole('textbox', { name: 'Endpoint' }).fill('my server')
    await expect(dialog.getByText('Enter an address such as https://s3.example.com.')).toBeVisible()
    await zoomTo(app, 2)
    await picture(app, window, 'account-twice-the-size')
    await zoomTo(app, 1)
  })

  await test.step('its test says what it is at, and is cancelled', async () => {
    world.server.setFaults(({ operation }) => (operation === 'ListBuckets' ? { kind: 'hang' } : undefined))
    await window.fillAccount(world.account)
    await dialog.getByRole('button', { name: 'More options' }).click()
    await dialog.getByRole('button', { name: 'Test connection' }).click()
    await expect(window.testSteps().filter({ hasText: 'Running' })).toBeVisible(soon)
    await picture(app, window, 'account-testing')
    await dialog.getByRole('button', { name: 'Cancel test' }).click()
    await expect(dialog.getByText('The test was cancelled.')).toBeVisible(soon)
    await picture(app, window, 'account-test-cancelled')
    world.server.setFaults(undefined)
    world.server.setPolicy(world.account.accessKeyId, 'read-only')
    await dialog.getByRole('textbox', { name: 'Bucket to test with' }).fill(bucket)
    await dialog.getByRole('button', { name: /^Test (connection|again)/ }).click()
    await expect(window.testSteps().filter({ hasText: 'These keys may only read' })).toBeVisible(soon)
    await picture(app, window, 'account-may-not-write')
    world.server.setPolicy(world.account.accessKeyId, 'full')
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click()
  })

  await test.step('accounts of other programs are chosen and imported', async () => {
    await page.getByRole('button', { name: 'Import…' }).click()
    const found = window.dialog('Import accounts')
    await expect(found.getByRole('checkbox', { name: 'Office' })).toBeVisible(soon)
    await picture(app, window, 'import')
    await found.getByRole('checkbox', { name: 'Office', exact: true }).check()
    await found.getByRole('checkbox', { name: 'Team photos', exact: true }).check()
    await found.getByRole('button', { name: 'Import 2' }).click()
    await expect(found.getByText('Enter the secret key.')).toBeVisible(soon)
    await picture(app, window, 'import-secret-missing')
    await found.getByRole('checkbox', { name: 'Team photos', exact: true }).uncheck()
    await found.getByRole('button', { name: 'Import 1' }).click()
    await expect(found).toBeHidden(soon)
    await window.show('Accounts')
    await expect(window.card('Office')).toBeVisible()
    await picture(app, window, 'import-done')
    await window.show('Drives')
    await expect(page.getByRole('heading', { name: 'Add your first drive' })).toBeVisible()
    await picture(app, window, 'drives-none')
  })
})

test('a computer without a keychain gives a choice, and asks for the passphrase at the next start', async ({
  world,
}) => {
  const noKeychain = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' }
  const passphrase = 'correct horse battery'
  const app = await world.start(noKeychain)
  const window = await app.window()
  const { page } = window

  await test.step('where the secret key is kept is the person’s choice', async () => {
    await window.show('Accounts')
    await page.getByRole('button', { name: 'Add account' }).first().click()
    const dialog = await window.fillAccount({ ...world.account, name: 'Office' })
    const place = dialog.getByRole('radiogroup', { name: 'Keep the secret key' })
    await place.getByRole('radio', { name: 'For this session only' }).click()
    await place.scrollIntoViewIfNeeded()
    await picture(app, window, 'keys-session-only')
    await place.getByRole('radio', { name: 'In an encrypted file' }).click()
    await dialog.getByLabel('Passphrase', { exact: true }).fill('short')
    await dialog.getByRole('button', { name: 'Add account' }).click()
    await expect(dialog.getByText(/Enter at least 8 characters/)).toBeVisible()
    await picture(app, window, 'keys-in-a-file')
    await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase)
    await dialog.getByLabel('Passphrase again').fill(passphrase)
    await dialog.getByRole('button', { name: 'Add account' }).click()
    await expect(dialog).toBeHidden(soon)
    await expect(page.getByRole('region', { name: 'Key file' })).toBeVisible(soon)
    await picture(app, window, 'keys-file-of-accounts')
    await window.addDrive({ bucket, mountpoint: await world.emptyFolder('drive') })
    await window.driveIsMounted(bucket)
    await app.quit()
  })

  await test.step('at the next start the passphrase is asked for, and may be left for later', async () => {
    const again = await world.start(noKeychain)
    const opened = await again.window()
    const unlock = opened.dialog('Unlock your keys')
    await unlock.getByLabel('Passphrase').fill('not this one')
    await unlock.getByRole('button', { name: 'Unlock' }).click()
    await expect(unlock.getByRole('alert')).toBeVisible(soon)
    await expect(unlock.getByLabel('Passphrase')).toBeFocused()
    await picture(again, opened, 'keys-unlock')
    await unlock.getByRole('button', { name: 'Forgot it…' }).click()
    await expect(opened.question('Forget the key file?')).toBeVisible()
    await picture(again, opened, 'keys-forgotten-at-start')
    await opened.question('Forget the key file?').getByRole('button', { name: 'Cancel' }).click()
    await expect(opened.driveState(bucket)).toContainText('Waits for your passphrase', soon)
    await picture(again, opened, 'drive-waits-for-passphrase')
    await opened.show('Accounts')
    await picture(again, opened, 'keys-locked')
    await opened.page.getByRole('button', { name: 'Forget…' }).click()
    await expect(opened.question('Forget the key file?')).toBeVisible()
    await picture(again, opened, 'keys-forget-question')
    await opened.question('Forget the key file?').getByRole('button', { name: 'Cancel' }).click()
    await opened.show('Drives')
    await opened.card(bucket).getByRole('button', { name: 'Unlock…' }).click()
    await unlock.getByLabel('Passphrase').fill(passphrase)
    await unlock.getByRole('button', { name: 'Unlock' }).click()
    await expect(unlock).toBeHidden({ timeout: mountsWithinMs })
    await opened.driveIsMounted(bucket)
    await again.quit()
  })
})

/** A profile of the AWS tools, a remote of rclone with its key, and a bookmark whose key is elsewhere. */
async function otherPrograms({ home, account }: World): Promise<void> {
  const files = {
    '.aws/credentials': '[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = hidden\n',
    '.config/rclone/rclone.conf': `[Office]\ntype = s3\nprovider = Other\nendpoint = ${account.endpoint}\naccess_key_id = ${account.accessKeyId}\nsecret_access_key = ${account.secretAccessKey}\n`,
    '.duck/bookmarks/photos.duck': `<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Nickname</key><string>Team photos</string>
<key>Hostname</key><string>s3.example.com</string><key>Username</key><string>AKPHOTOS</string><key>Path</key><string>/photos/raw</string></dict></plist>`,
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(home, name)), { recursive: true })
    await writeFile(path.join(home, name), text)
  }
}
