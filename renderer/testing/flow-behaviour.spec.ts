/** Pausing, limits and what is on its way. */
import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('a drive is paused from its menu, says so, and goes on with one button', async ({ ui, page }) => {
  await ui.open('full')
  const photos = ui.drive('Photos')
  await photos.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Pause until you resume' }).click()
  expect(await ui.asked('drive:pause')).toEqual([{ id: 'd1', span: 'resumed' }])
  await expect(photos.getByRole('status')).toContainText('Paused until you resume')
  await expect(photos.getByRole('status')).toContainText('7 changes wait.')
  await ui.show('Transfers')
  await expect(page.getByRole('listitem').filter({ hasText: 'Paused' }).first()).toBeVisible()
  await ui.show('Drives')
  await photos.getByRole('button', { name: 'Resume' }).click()
  await expect(photos.getByRole('status')).toContainText('Syncing 7 changes')
})

test('all drives are paused and resumed at once, with the keyboard', async ({ ui, page }) => {
  await ui.open('full')
  await page.getByRole('button', { name: 'Pause all' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Pause for 1 hour' })).toBeFocused()
  await page.keyboard.press('Enter')
  expect(await ui.asked('drive:pause')).toEqual([{ span: 'hour' }])
  for (const name of ['Photos', 'Contracts', 'Nightly backup'])
    await expect(ui.drive(name).getByRole('status')).toContainText(/Paused until/)
  await page.getByRole('button', { name: 'Resume all' }).click()
  await expect(ui.drive('Contracts').getByRole('status')).toContainText('Everything is in the bucket')
})

test('the questions at an unmount and at quitting say that uploads are paused, and that uploading resumes them', async ({
  ui,
  page,
}) => {
  await ui.open('full')
  await page.evaluate(() => window.fake.setStatus('d1', { pause: {} }))
  await ui.drive('Photos').getByRole('button', { name: 'Unmount' }).click()
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('Uploads are paused until you resume; “Upload, then unmount” resumes them.')
  await expect(question.getByRole('button', { name: 'Upload, then unmount' })).toBeEnabled()
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await page.evaluate(() =>
    window.fake.emit({ kind: 'quit:asked', unsyncedBytes: 1.4e9, pendingOperations: 10, isAgain: false }),
  )
  await expect(page.getByRole('alertdialog')).toContainText('“Upload, then quit” resumes them.')
  await page.getByRole('button', { name: 'Upload, then quit' }).click()
  expect(await ui.asked('quit:answer')).toEqual([{ answer: 'wait' }])
})

test('limits are set in megabytes a second, refused where they make no sense, and kept to certain hours', async ({
  ui,
  page,
}) => {
  await ui.open('full')
  await ui.show('Settings')
  const upload = page.getByRole('textbox', { name: 'Upload limit in MB/s' })
  await upload.fill('fast')
  await upload.press('Tab')
  await expect(page.getByText('Enter a number of megabytes a second')).toBeVisible()
  expect(await ui.asked('settings:save')).toEqual([])
  await upload.fill('2.5')
  await upload.press('Tab')
  await page.getByRole('switch', { name: 'Limit only at certain hours' }).click()
  await page.getByRole('button', { name: 'Friday' }).click()
  await page.getByLabel('to', { exact: true }).fill('18:30')
  await page.getByRole('combobox', { name: 'Uploads at once' }).click()
  await page.getByRole('option', { name: '4', exact: true }).click()
  expect((await ui.asked('settings:save')).at(-1)).toMatchObject({
    settings: {
      limits: {
        uploadBytesPerSecond: 2_500_000,
        parallelUploads: 4,
        hours: { days: [1, 2, 3, 4], from: 540, to: 1110 },
      },
    },
  })
  await upload.fill('')
  await upload.press('Tab')
  await expect(page.getByRole('switch', { name: 'Limit only at certain hours' })).toHaveCount(0)
})

test('transfers are filtered by file, drive and kind, and a queued upload is sent first', async ({ ui, page }) => {
  await ui.open('many')
  await ui.show('Transfers')
  const rows = page.getByRole('list', { name: 'Transfers' }).getByRole('listitem')
  await page.getByRole('radio', { name: 'Waiting' }).click()
  const first = page.getByRole('button', { name: /^Upload .+ first$/ }).first()
  const name = /^Upload (.+) first$/.exec((await first.getAttribute('aria-label')) ?? '')?.[1] ?? ''
  await first.click()
  expect(await ui.asked('transfer:prioritize')).toHaveLength(1)
  await expect(page.getByText(`“${name}” is uploaded next.`)).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter' }).fill(name)
  await expect(rows.first()).toContainText(name)
  await page.getByRole('searchbox', { name: 'Filter' }).fill('no such file anywhere')
  await expect(page.getByText('Nothing matches.')).toBeVisible()
  await ui.lookBothWays('flow-transfers-filtered')
  await page.getByRole('searchbox', { name: 'Filter' }).fill('')
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('Downloads')
  await expect(page.getByText('Nothing matches.')).toBeVisible()
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('Uploads')
  await expect(rows.first()).toBeVisible()
  await ui.look({ name: 'flow-transfers' })
})
