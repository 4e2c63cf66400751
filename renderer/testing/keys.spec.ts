import { expect } from '@playwright/test'
import { test } from './window-page.ts'
import type { WindowPage } from './window-page.ts'

async function fillAccount({ page }: WindowPage): Promise<void> {
  await page.getByRole('button', { name: 'Add account' }).first().click()
  await page.getByRole('textbox', { name: 'Access key' }).fill('AK')
  await page.getByLabel('Secret key').fill('hush')
}

test('without a keychain a key is kept where the person chooses, in a file with a passphrase', async ({ ui, page }) => {
  await ui.open('blocked-machine')
  await ui.show('Accounts')
  await fillAccount(ui)
  const choice = page.getByRole('radiogroup', { name: 'Keep the secret key' })
  await choice.scrollIntoViewIfNeeded()
  await ui.lookBothWays('key-place')
  await page.getByRole('dialog').getByRole('button', { name: 'Add account' }).click()
  await expect(page.getByText('Enter at least 8 characters')).toBeVisible()
  await page.getByLabel('Passphrase', { exact: true }).fill('correct horse')
  await page.getByLabel('Passphrase again').fill('correct house')
  await page.getByRole('dialog').getByRole('button', { name: 'Add account' }).click()
  await expect(page.getByText('The two are not the same.')).toBeVisible()
  expect(await ui.asked('account:save')).toEqual([])
  await page.getByLabel('Passphrase again').fill('correct horse')
  await page.getByRole('dialog').getByRole('button', { name: 'Add account' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await ui.asked('keys:create')).toEqual([{ passphrase: 'correct horse' }])
  expect(await ui.asked('account:save')).toMatchObject([{ keepIn: 'file' }])
  await expect(page.getByRole('region', { name: 'Key file' })).toContainText(
    'Secret keys are kept in an encrypted file',
  )
  await ui.lookBothWays('key-file-accounts')

  await fillAccount(ui)
  await expect(choice).toHaveCount(0)
  await expect(page.getByText('Kept in your encrypted key file.')).toBeVisible()
})

test('without a keychain a key may be kept for this session only', async ({ ui, page }) => {
  await ui.open('blocked-machine')
  await ui.show('Accounts')
  await fillAccount(ui)
  await page.getByRole('radio', { name: 'For this session only' }).click()
  await expect(page.getByText('The key is forgotten when CloudMount quits.')).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Add account' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await ui.asked('keys:create')).toEqual([])
  expect(await ui.asked('account:save')).toMatchObject([{ keepIn: 'session' }])
})

test('a locked key file asks for its passphrase at the start; a wrong one is said and loses nothing', async ({
  ui,
  page,
}) => {
  await ui.open('locked-keys')
  const dialog = page.getByRole('dialog', { name: 'Unlock your keys' })
  await expect(dialog).toBeVisible()
  await ui.lookBothWays('unlock')
  await page.evaluate(() =>
    window.fake.refusals.set('keys:unlock', {
      code: 'passphrase-wrong',
      message: 'This passphrase does not open the key file.',
      consequence: 'The keys in it are untouched.',
    }),
  )
  await page.getByLabel('Passphrase').fill('wrong')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('does not open the key file. The keys in it are untouched.')
  await ui.look({ name: 'unlock-wrong' })
  await page.getByRole('button', { name: 'Not now' }).click()
  await expect(ui.drive('Photos').getByRole('status').first()).toContainText('Waits for your passphrase')
  await ui.lookBothWays('locked-keys-drives')
  await ui.drive('Photos').getByRole('button', { name: 'Unlock…' }).click()
  await page.getByLabel('Passphrase').fill('correct horse')
  await dialog.getByRole('button', { name: 'Unlock', exact: true }).click()
  await expect(dialog).toHaveCount(0)
  expect(await ui.asked('keys:unlock')).toEqual([{ passphrase: 'wrong' }, { passphrase: 'correct horse' }])
})

test('a forgotten passphrase: the file goes only after it was said what that costs', async ({ ui, page }) => {
  await ui.open('locked-keys')
  await page.getByRole('button', { name: 'Forgot it…' }).click()
  const question = page.getByRole('alertdialog', { name: 'Forget the key file?' })
  const forget = question.getByRole('button', { name: 'Forget key file' })
  await expect(forget).toBeDisabled()
  await ui.lookBothWays('forget-key-file')
  await page.getByRole('checkbox', { name: 'I have these secret keys elsewhere' }).check()
  await forget.click()
  expect(await ui.asked('keys:forget')).toEqual([{}])
  await expect(question).toHaveCount(0)
})

test('the passphrase is changed with the present one', async ({ ui, page }) => {
  await ui.open('locked-keys')
  await page.getByLabel('Passphrase').fill('correct horse')
  await page.keyboard.press('Enter')
  await ui.show('Accounts')
  await page.getByRole('button', { name: 'Change passphrase…' }).click()
  await page.getByLabel('Present passphrase').fill('correct horse')
  await page.getByLabel('New passphrase', { exact: true }).fill('battery staple')
  await page.getByLabel('New passphrase again').fill('battery staple')
  await ui.lookBothWays('change-passphrase')
  await page.getByRole('dialog').getByRole('button', { name: 'Change passphrase' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await ui.asked('keys:passphrase')).toEqual([{ passphrase: 'correct horse', next: 'battery staple' }])
})
