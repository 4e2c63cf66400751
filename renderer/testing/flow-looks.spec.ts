import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('paused drives, one of them offline, and the menu', async ({ ui, page }) => {
  await ui.open('full')
  await page.evaluate(() => {
    const until = new Date().setHours(23, 55, 0, 0)
    window.fake.setStatus('d1', { pause: { until } })
    window.fake.setStatus('d2', { pause: {} })
    window.fake.setStatus('d3', { pause: { until } })
  })
  await expect(ui.drive('Contracts').getByRole('status')).toContainText('Paused')
  await ui.lookBothWays('flow-paused')
  await page.setViewportSize({ width: 620, height: 560 })
  await ui.look({ name: 'flow-paused-narrow' })
  await page.setViewportSize({ width: 1100, height: 720 })
  await page.evaluate(() => window.fake.setStatus('d1', { pause: undefined }))
  await ui.drive('Photos').getByRole('button', { name: 'More actions' }).click()
  await ui.lookBothWays('flow-menu')
})

test('the limits in Settings, without one, with hours and with a mistake', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  await ui.look({ name: 'flow-limits-none' })
  await page.getByRole('textbox', { name: 'Upload limit in MB/s' }).fill('2.5')
  await page.getByRole('textbox', { name: 'Download limit in MB/s' }).fill('0.01')
  await page.getByRole('switch', { name: 'Limit only at certain hours' }).click()
  await page.getByLabel('to', { exact: true }).fill('06:00')
  await expect(page.getByText('ends the next day')).toBeVisible()
  await ui.lookBothWays('flow-limits')
})
