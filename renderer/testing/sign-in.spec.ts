import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('a drive that is signed out says until when it was not, what goes on, and how to sign in again', async ({
  ui,
  page,
}) => {
  await ui.open('signed-out')
  const photos = ui.drive('Photos')
  await expect(photos.getByRole('status')).toContainText('Signed out')
  await expect(photos.getByRole('status')).toContainText(
    /^.*Your sign-in ended at \d\d:\d\d\. Files on this computer stay readable; 3 changes wait\.$/,
  )
  await expect(photos).not.toContainText('Offline')
  const note = photos.getByRole('group', { name: 'Sign in again' })
  await expect(note).toContainText('aws sso login --profile work')
  const copy = note.getByRole('button', { name: 'Copy' })
  await copy.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText('The command was copied.')).toBeVisible()
  expect(await ui.asked('drive:copySignIn')).toEqual([{ id: 'd0' }])
  await photos.getByRole('button', { name: 'Try now' }).click()
  expect(await ui.asked('drive:reconnect')).toEqual([{ id: 'd0' }])

  const scans = ui.drive('Scans')
  await expect(scans.getByRole('group', { name: 'Sign in again' })).toContainText(
    'Renew the keys of the profile “saml”',
  )
})

test('a notification leads to the card of its drive', async ({ ui, page }) => {
  await ui.open('signed-out')
  await ui.show('Settings')
  await page.evaluate(() => window.fake.emit({ kind: 'screen:asked', screen: 'drives', driveId: 'd0' }))
  await expect(ui.drive('Photos')).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(ui.drive('Photos').locator(':focus')).toHaveCount(1)
})

test('new session keys are entered from the card of the drive', async ({ ui, page }) => {
  await ui.open('signed-out')
  const contracts = ui.drive('Contracts')
  await expect(contracts.getByRole('status')).toContainText('Your sign-in has ended.')
  const edit = contracts.getByRole('button', { name: 'Edit account…' })
  await edit.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Edit “Account 1”' })
  await dialog.getByLabel('Access key', { exact: true }).fill('ASIANEW')
  await dialog.getByLabel('Secret key').fill('new secret')
  await dialog.getByLabel('Session token').fill('new token')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(edit).toBeFocused()
  expect(await ui.asked('account:save')).toMatchObject([
    {
      account: { id: 'a1', credentials: { kind: 'static', accessKeyId: 'ASIANEW' } },
      secret: { secretAccessKey: 'new secret', sessionToken: 'new token' },
    },
  ])
})

test('a sign-in that is about to end is told before, and no more once it is renewed', async ({ ui, page }) => {
  await ui.open('signed-out')
  const archive = ui.drive('Archive')
  await expect(archive.getByRole('status')).toContainText('Mounted')
  const note = archive.getByRole('group', { name: 'Sign in again before that' })
  await expect(note).toContainText(/Your sign-in ends at \d\d:\d\d\./)
  await note.scrollIntoViewIfNeeded()
  await ui.lookBothWays('sign-in-ending')
  await page.evaluate(() => window.fake.setStatus('d3', { signIn: { endsAt: Date.now() + 8 * 3_600_000 } }))
  await expect(note).toHaveCount(0)
})
