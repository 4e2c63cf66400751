import { expect } from '@playwright/test'
import type { ScenarioName } from './scenarios.ts'
import { test } from './window-page.ts'

/** Every screen in every situation: no accessibility finding, in light and in dark; pictures in test-results. */
const screens = ['Drives', 'Accounts', 'Transfers', 'Settings'] as const
const situations: readonly [ScenarioName, readonly (typeof screens)[number][]][] = [
  ['first-run', ['Drives', 'Accounts', 'Transfers']],
  ['one-account', ['Drives']],
  ['full', screens],
  ['errors', ['Drives', 'Transfers']],
  ['long-names', ['Drives', 'Accounts', 'Transfers']],
  ['many', ['Transfers']],
  ['blocked-machine', ['Drives', 'Accounts']],
]

for (const [scenario, shown] of situations) {
  for (const screen of shown) {
    test(`${scenario}: ${screen}`, async ({ window }) => {
      await window.open(scenario)
      await window.show(screen)
      await window.lookBothWays(`${scenario}-${screen.toLowerCase()}`)
    })
  }
}

test('a window that could not load says so', async ({ window }) => {
  await window.open('no-answer')
  await expect(window.page.getByRole('alert')).toContainText('could not load')
  await window.lookBothWays('no-answer')
})

test('a narrow window', async ({ window }) => {
  await window.page.setViewportSize({ width: 620, height: 560 })
  await window.open('full')
  await window.look({ name: 'narrow-drives' })
  await window.show('Transfers')
  await window.look({ name: 'narrow-transfers' })
})

test('add account, empty and tested', async ({ window, page }) => {
  await window.open('first-run')
  await page.getByRole('button', { name: 'Add an account' }).click()
  await window.lookBothWays('dialog-account')
  await page.getByRole('radio', { name: 'Backblaze B2' }).click()
  await page.getByRole('button', { name: 'Add account' }).click()
  await window.lookBothWays('dialog-account-errors')
  await page.getByLabel('Region').first().fill('eu-central-003')
  await page.getByLabel('Access key', { exact: true }).last().fill('0031')
  await page.getByLabel('Secret key').fill('secret')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await window.look({ name: 'dialog-account-testing' })
  await expect(page.getByText('Answered in 38 ms')).toBeVisible()
  await window.lookBothWays('dialog-account-tested')
})

test('add drive, with the buckets of the account', async ({ window, page }) => {
  await window.open('full')
  await page.getByRole('button', { name: 'Add drive' }).click()
  await page.getByRole('option', { name: 'company' }).click()
  await window.lookBothWays('dialog-drive')
  await page.getByRole('button', { name: 'More options' }).click()
  await page.getByRole('button', { name: 'Freshness' }).click()
  await window.look({ name: 'dialog-drive-options' })
})

test('unmount, remove, busy and quit questions', async ({ window, page }) => {
  await window.open('full')
  const photos = window.drive('Photos')
  await photos.getByRole('button', { name: 'Unmount' }).click()
  await window.lookBothWays('dialog-unmount')
  await page.keyboard.press('Escape')
  await photos.getByRole('button', { name: 'More actions' }).click()
  await window.look({ name: 'menu-drive' })
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await window.lookBothWays('dialog-remove')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.evaluate(() =>
    window.fake.emit({ kind: 'quit:asked', unsyncedBytes: 1.4e9, pendingOperations: 10, estimateMs: 95_000 }),
  )
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await window.lookBothWays('dialog-quit')
})
