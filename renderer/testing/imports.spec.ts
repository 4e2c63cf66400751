import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('accounts of other programs are chosen one by one, and nothing is saved before', async ({ ui, page }) => {
  await ui.open('first-run')
  await page.getByRole('button', { name: 'Import…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import accounts' })
  await expect(dialog.getByRole('checkbox')).toHaveCount(5)
  await expect(dialog.getByRole('checkbox', { name: 'vault' })).toBeDisabled()
  await expect(dialog.getByRole('checkbox', { name: 'Backup' })).toBeDisabled()
  await expect(dialog.getByText('Already here as “Backup”.')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeDisabled()
  await ui.lookBothWays('import')
  await dialog.getByRole('checkbox', { name: 'studio' }).check()
  await dialog.getByRole('checkbox', { name: /A bookmark/ }).check()
  await dialog.getByRole('button', { name: 'Import 2' }).click()
  await expect(dialog.getByText('Enter the access key.')).toBeVisible()
  await expect(dialog.getByLabel('Access key')).toBeFocused()
  await ui.lookBothWays('import-missing')
  expect(await ui.asked('import:apply')).toEqual([])
  await dialog.getByLabel('Access key').fill('AK9')
  await dialog.getByLabel('Secret key').fill('hush')
  await dialog.getByRole('button', { name: 'Import 2' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByText('2 accounts and 1 drive were imported.')).toBeVisible()
  expect(await ui.asked('import:apply')).toEqual([
    {
      choices: [
        { id: 'studio', addsDrive: false },
        { id: 'bookmark', addsDrive: true, accessKeyId: 'AK9', secret: { secretAccessKey: 'hush' } },
      ],
    },
  ])
})

test('what could not be imported stays with its reason; what was is gone from the list', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Accounts')
  await page.getByRole('button', { name: 'Import…' }).click()
  await page.evaluate(() =>
    window.fake.importRefusals.set('lab', {
      code: 'keychain-unavailable',
      message: 'The keychain was locked.',
      remedy: 'Unlock it and try again.',
    }),
  )
  await page.getByRole('checkbox', { name: 'studio' }).check()
  await page.getByRole('checkbox', { name: 'lab' }).check()
  await page.getByRole('button', { name: 'Import 2' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('alert')).toContainText('The keychain was locked.')
  await expect(dialog.getByRole('checkbox', { name: 'studio' })).toHaveCount(0)
  await expect(dialog.getByRole('checkbox', { name: 'lab' })).toBeChecked()
  await ui.look({ name: 'import-failed' })
})

test('a chosen file that cannot be read says why and what to do', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Accounts')
  await page.getByRole('button', { name: 'Import…' }).click()
  await page.getByRole('button', { name: 'Choose file…' }).click()
  await expect(page.getByRole('alert')).toContainText('encrypted with a password')
  await ui.lookBothWays('import-encrypted')
  expect(await ui.asked('import:find')).toEqual([{}, { path: '/home/ana/ca.pem' }])
})

test('without a keychain an import of keys asks where they are to be kept', async ({ ui, page }) => {
  await ui.open('blocked-machine')
  await ui.show('Accounts')
  await page.getByRole('button', { name: 'Import…' }).click()
  await page.getByRole('checkbox', { name: 'studio' }).check()
  const choice = page.getByRole('radiogroup', { name: 'Keep the secret key' })
  await expect(choice).toHaveCount(0)
  await page.getByRole('checkbox', { name: 'lab' }).check()
  await page.getByRole('radio', { name: 'For this session only' }).click()
  await page.getByRole('button', { name: 'Import 2' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await ui.asked('import:apply')).toMatchObject([{ keepIn: 'session' }])
})
