import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('the log is made more detailed at once', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  const log = page.getByRole('radiogroup', { name: 'Log' })
  await expect(log.getByRole('radio', { name: 'Normal' })).toBeChecked()
  await log.getByRole('radio', { name: 'Detailed' }).click()
  await expect(log.getByRole('radio', { name: 'Detailed' })).toBeChecked()
  expect(await ui.asked('settings:save')).toMatchObject([{ settings: { logLevel: 'debug' } }])
})

test('a support bundle is shown before it is copied or saved, and that very text is', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  const opener = page.getByRole('button', { name: 'Show bundle…' })
  await opener.focus()
  await page.keyboard.press('Enter')
  const contents = page.getByRole('region', { name: 'Contents of the bundle' })
  await expect(contents).toContainText('bucket-1')
  await ui.lookBothWays('dialog-support-bundle')
  const text = await contents.textContent()
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect(page.getByText('The support bundle was copied.')).toBeVisible()
  await expect(opener).toBeFocused()
  expect(await ui.asked('diagnostics:copy')).toEqual([{ text }])
  await opener.click()
  await page.getByRole('button', { name: 'Save as file…' }).click()
  await expect(page.getByText('cloudmount-support.txt')).toBeVisible()
  expect(await ui.asked('diagnostics:save')).toEqual([{ text }])
})
