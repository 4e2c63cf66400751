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
  await page.evaluate(() =>
    window.fake.emit({ kind: 'quit:asked', unsyncedBytes: 1.4e9, pendingOperations: 10, isAgain: false }),
  )
  await expect(page.getByRole('alertdialog')).toContainText('“Upload, then quit” resumes them.')
  await page.getByRole('button', { name: 'Upload, then quit' }).click()
  expect(await ui.asked('quit:answer')).toEqual([{ answer: 'wait' }])
})
