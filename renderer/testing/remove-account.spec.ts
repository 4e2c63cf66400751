import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('removing an account names its drives, what would be lost, and what stays', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Accounts')
  await page.getByRole('article', { name: 'Studio' }).getByRole('button', { name: 'Remove' }).click()
  const question = page.getByRole('alertdialog', { name: 'Remove “Studio”?' })
  const drives = question.getByRole('list', { name: 'Drives that are removed' })
  await expect(drives).toContainText('Photos')
  await expect(drives).toContainText('exist only on this computer')
  await expect(question).toContainText('Buckets and the files in them stay as they are.')
  const remove = question.getByRole('button', { name: 'Remove account and' })
  await expect(remove).toBeDisabled()
  await ui.lookBothWays('dialog-remove-account')
  await question.getByRole('checkbox', { name: 'Delete these changes for good' }).check()
  await remove.click()
  await expect(question).toHaveCount(0)
  expect(await ui.asked('account:remove')).toEqual([{ id: 'a1', discardsUnsynced: true }])
})

test('an account that could not be removed says why, and offers to give up what only main knows of', async ({
  ui,
  page,
}) => {
  await ui.open('one-account')
  await ui.show('Accounts')
  await page.evaluate(() =>
    window.fake.refusals.set('account:remove', {
      code: 'drive-in-use',
      message: 'Not everything in “Photos” is in the bucket yet, or that is not known.',
      consequence: 'Nothing was removed.',
    }),
  )
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('button', { name: 'Remove account' }).click()
  await expect(page.getByRole('alert')).toContainText('Nothing was removed.')
  await expect(page.getByRole('button', { name: 'Remove account' })).toBeDisabled()
  await page.getByRole('checkbox', { name: 'Delete these changes for good' }).check()
  await page.getByRole('button', { name: 'Remove account' }).click()
  expect(await ui.asked('account:remove')).toEqual([
    { id: 'a1', discardsUnsynced: false },
    { id: 'a1', discardsUnsynced: true },
  ])
})
