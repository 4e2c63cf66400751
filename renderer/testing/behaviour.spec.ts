import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('first run: from no account to a mounted drive', async ({ ui, page }) => {
  await ui.open('first-run')
  await page.getByRole('button', { name: 'Add an account' }).click()
  await page.getByRole('radio', { name: 'Wasabi' }).click()
  await page.getByLabel('Region').fill('eu-central-1')
  await page.getByRole('textbox', { name: 'Access key' }).fill('AK')
  await page.getByLabel('Secret key').fill('hush')
  await page.getByRole('button', { name: 'Add account' }).click()
  const choice = page.getByRole('dialog', { name: 'Choose what to mount' })
  await expect(choice.getByRole('list', { name: 'Buckets' }).getByRole('checkbox')).toHaveCount(7)
  expect(await ui.asked('account:save')).toMatchObject([
    {
      account: { endpoint: 'https://s3.eu-central-1.wasabisys.com', region: 'eu-central-1' },
      secret: { secretAccessKey: 'hush' },
    },
  ])
  await choice.getByRole('button', { name: 'Later' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Drives', level: 1 })).toBeFocused()
  await page.getByRole('button', { name: 'Add drive' }).click()
  await expect(page.getByRole('option')).toHaveCount(7)
  await page.getByRole('combobox', { name: 'Bucket' }).fill('back')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Mount at', { exact: true })).toHaveValue('/home/ana/CloudMount/backup-eu')
  await page.getByRole('button', { name: 'Add and mount' }).click()
  await expect(ui.drive('backup-eu').getByText('Mounted')).toBeVisible()
})

test('a failed test does not save, and says so; “Add anyway” does', async ({ ui, page }) => {
  await ui.open('first-run')
  await page.evaluate(() =>
    window.fake.refusals.set('account:test', { code: 'secret-wrong', message: 'The secret key is wrong.' }),
  )
  await page.getByRole('button', { name: 'Add an account' }).click()
  await page.getByRole('textbox', { name: 'Access key' }).fill('AK')
  await page.getByLabel('Secret key').fill('wrong')
  await page.getByRole('button', { name: 'Add account' }).click()
  await expect(page.getByRole('alert')).toContainText('The secret key is wrong.')
  expect(await ui.asked('account:save')).toEqual([])
  await page.getByRole('button', { name: 'Add anyway' }).click()
  // What it may list is not known.
  await expect(
    page.getByRole('dialog', { name: 'Choose what to mount' }).getByRole('combobox', { name: 'Bucket' }),
  ).toBeVisible()
})

test('a cancelled test is forgotten, its late answer too', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Accounts')
  await page.getByRole('article', { name: 'Studio' }).getByRole('button', { name: 'Edit' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await page.getByRole('button', { name: 'Cancel test' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  await expect(page.getByText('Answered in 38 ms')).toHaveCount(1)
})

test('a stored key is never shown, and stays when the field is left empty', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Accounts')
  await page.getByRole('article', { name: 'Backup' }).getByRole('button', { name: 'Edit' }).click()
  await expect(page.getByLabel('Secret key')).toHaveValue('')
  await expect(page.getByText('Leave empty to keep the stored key')).toBeVisible()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  const [saved] = await ui.asked('account:save')
  expect(saved).not.toHaveProperty('secret')
})

test('unmount asks when changes are not uploaded, and offers force only when programs use the drive', async ({
  ui,
  page,
}) => {
  await ui.open('full')
  await ui.drive('Contracts').getByRole('button', { name: 'Unmount' }).click()
  await expect(ui.drive('Contracts').getByRole('button', { name: 'Mount' })).toBeVisible()
  await page.evaluate(() =>
    window.fake.refusals.set('drive:unmount', { code: 'drive-busy', message: 'vim (4211) uses “Photos”.' }),
  )
  await ui.drive('Photos').getByRole('button', { name: 'Unmount' }).click()
  await expect(page.getByRole('button', { name: 'Force unmount' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Upload, then unmount' }).click()
  await page.evaluate(() => window.fake.settleSync(0))
  await expect(page.getByRole('alertdialog')).toContainText('vim (4211)')
  await ui.look({ name: 'dialog-busy' })
  await page.getByRole('button', { name: 'Force unmount' }).click()
  await expect(page.getByRole('alertdialog')).toHaveCount(0)
  expect((await ui.asked('drive:unmount')).at(-1)).toEqual({ id: 'd1', pending: 'wait', isForced: true })
})

test('a drive with changes that are nowhere else is removed only on purpose', async ({ ui, page }) => {
  await ui.open('full')
  await ui.drive('Photos').getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await expect(page.getByRole('button', { name: 'Remove drive' })).toBeDisabled()
  await page.getByRole('checkbox', { name: 'Delete these changes for good' }).check()
  await page.getByRole('button', { name: 'Remove drive' }).click()
  await expect(ui.drive('Photos')).toHaveCount(0)
  expect(await ui.asked('drive:remove')).toEqual([{ id: 'd1', discardsUnsynced: true }])
})

test('Escape closes a dialog, and the focus is back where it was', async ({ ui, page }) => {
  await ui.open('full')
  const more = ui.drive('Contracts').getByRole('button', { name: 'More actions' })
  await more.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Edit…' }).press('Enter')
  await expect(page.getByRole('dialog', { name: 'Edit “Contracts”' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(more).toBeFocused()
})

test('screens are reached by key', async ({ ui, page }) => {
  await ui.open('full')
  await page.keyboard.press('Control+4')
  await expect(page.getByRole('heading', { level: 1, name: 'Transfers' })).toBeFocused()
  await page.keyboard.press('Control+,')
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeFocused()
})

test('10,000 transfers scroll, and few rows are drawn', async ({ ui, page }) => {
  await ui.open('many', { isLive: true })
  await ui.show('Transfers')
  const rows = page.getByRole('list', { name: 'Transfers' }).getByRole('listitem')
  expect(await rows.count()).toBeLessThan(40)
  await page.getByRole('list', { name: 'Transfers' }).focus()
  await page.keyboard.press('End')
  await expect(page.getByText('tile-09999.tif')).toBeVisible()
  expect(await rows.count()).toBeLessThan(40)
})

test('a transfer is retried, paused, resumed and given up, and finished ones are cleared', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Transfers')
  await page.getByRole('button', { name: 'Retry IMG_4712.cr3' }).click()
  expect(await ui.asked('transfer:retry')).toEqual([{ driveId: 'd1', transferId: 't6' }])
  await page.getByRole('button', { name: 'Pause IMG_4712.cr3' }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'IMG_4712.cr3' })
  await expect(row).toContainText('Paused')
  await page.getByRole('button', { name: 'Resume IMG_4712.cr3' }).click()
  await expect(row).toContainText('Queued')
  await page.getByRole('button', { name: 'Cancel IMG_4712.cr3…' }).click()
  const question = page.getByRole('dialog', { name: 'Cancel “IMG_4712.cr3”?' })
  await expect(question).toContainText('kept under Recovered files for 30 days')
  await ui.lookBothWays('dialog-transfer-cancel')
  await question.getByRole('button', { name: 'Keep my change' }).click()
  await expect(question).toBeHidden()
  expect(await ui.asked('transfer:discard')).toEqual([])
  await page.getByRole('button', { name: 'Cancel IMG_4712.cr3…' }).click()
  await question.getByRole('button', { name: 'Discard my change' }).click()
  await page.getByRole('radio', { name: 'Done' }).click()
  await expect(page.getByText('IMG_4712.cr3')).toBeVisible()
  await page.getByRole('button', { name: 'Clear finished' }).click()
  await expect(page.getByText('Nothing has finished yet.')).toBeVisible()
})

test('a change that cannot be sent is discarded only after it was asked once more', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Transfers')
  await page.getByRole('radio', { name: 'Needs you' }).click()
  await page.getByRole('listitem').filter({ hasText: 'nda.docx' }).getByRole('button').first().click()
  await page.getByRole('button', { name: 'Discard my change…' }).click()
  await expect(page.getByRole('dialog')).toContainText('kept under Recovered files for 30 days')
  expect(await ui.asked('transfer:discard')).toEqual([])
  await page.getByRole('button', { name: 'Discard my change', exact: true }).click()
  expect(await ui.asked('transfer:discard')).toHaveLength(1)
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('uploading before an unmount shows how far it is, and is taken back', async ({ ui, page }) => {
  await ui.open('full')
  const dialog = page.getByRole('alertdialog')
  await ui.drive('Photos').getByRole('button', { name: 'Unmount' }).click()
  await page.getByRole('button', { name: 'Upload, then unmount' }).click()
  await page.evaluate(() =>
    window.fake.setStatus('d1', { pendingOperations: 3, unsentBytes: 240e6, uploadBytesPerSecond: 1e6 }),
  )
  await expect(dialog).toContainText('About 4 minutes left.')
  await expect(dialog).toContainText('3 changes left')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.evaluate(() => window.fake.settleSync(0))
  await expect(dialog).toHaveCount(0)
  expect(await ui.asked('drive:unmount')).toEqual([])
})

test('uploading before an unmount that comes to nothing asks again, and says what became of it', async ({
  ui,
  page,
}) => {
  await ui.open('full')
  const dialog = page.getByRole('alertdialog')
  await ui.drive('Photos').getByRole('button', { name: 'Unmount' }).click()
  await page.getByRole('button', { name: 'Upload, then unmount' }).click()
  await page.evaluate(() => {
    window.fake.setStatus('d1', { connection: 'offline', pendingOperations: 3, unsyncedBytes: 12e6 })
    window.fake.settleSync(3)
  })
  await expect(dialog).toContainText('“Photos” is still mounted')
  await expect(dialog).toContainText('3 changes (12 MB) cannot be uploaded now, because there is no connection.')
  await expect(page.getByRole('button', { name: 'Upload, then unmount' })).toHaveCount(0)
  expect(await ui.asked('drive:unmount')).toEqual([])
  await page.getByRole('button', { name: 'Unmount now, upload later' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'stay queued' })).toContainText(
    '“Photos” is unmounted. 3 changes (12 MB) stay queued on this computer and are uploaded at the next mount.',
  )
})

test('the question at quitting is answered, and goes when it is settled', async ({ ui, page }) => {
  await ui.open('full')
  const ask = (isAgain: boolean) =>
    page.evaluate(
      (again) => window.fake.emit({ kind: 'quit:asked', unsyncedBytes: 0, pendingOperations: 0, isAgain: again }),
      isAgain,
    )
  await ask(false)
  await expect(page.getByRole('alertdialog')).toContainText('are not in the bucket yet.')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('alertdialog')).toHaveCount(0)
  await ask(false)
  await page.getByRole('button', { name: 'Upload, then quit' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('Uploading before quitting')
  await ask(true)
  await expect(page.getByRole('alertdialog')).toContainText('Not everything could be uploaded')
  await page.getByRole('button', { name: 'Upload, then quit' }).click()
  await page.evaluate(() => window.fake.emit({ kind: 'quit:settled' }))
  await expect(page.getByRole('alertdialog')).toHaveCount(0)
  expect(await ui.asked('quit:answer')).toEqual([{ answer: 'cancel' }, { answer: 'wait' }, { answer: 'wait' }])
})
