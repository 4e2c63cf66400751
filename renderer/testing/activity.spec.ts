import { expect } from '@playwright/test'
import type { Activity } from '../../contracts/activity.ts'
import { test } from './window-page.ts'

/** At noon, so that no entry changes its day while the test runs. */
const noon = new Date(2026, 10, 21, 12)
const entry = (part: Partial<Activity> & { id: number }): Activity => ({
  ...{ kind: 'uploaded', since: noon.getTime(), at: noon.getTime() + part.id * 60_000, count: 1, driveId: 'd1' },
  ...{ name: 'Photos', ...part },
})
const dayMs = 24 * 60 * 60_000
const some: Activity[] = [
  entry({ id: 1, at: noon.getTime() - 3 * dayMs, kind: 'account-added', name: 'Studio', driveId: undefined }),
  entry({ id: 2, at: noon.getTime() - dayMs, kind: 'drive-added' }),
  entry({ id: 3, at: noon.getTime() - dayMs, kind: 'mounted' }),
  entry({ id: 4, count: 312, path: 'weddings/2026/Ana & Jo/0001.cr3' }),
  entry({ id: 5, kind: 'offline', message: 'Nothing answers at https://s3.example.org.' }),
  entry({ id: 6, kind: 'online' }),
  entry({ id: 7, kind: 'conflict-found', path: 'contracts/2026.odt' }),
  entry({ id: 8, kind: 'chose-mine' }),
  entry({ id: 9, kind: 'blocked', path: `${'a very long name '.repeat(60)}.pdf`, message: 'A quota is used up.' }),
  entry({ id: 10, kind: 'moved', path: 'مستندات/عقد', from: 'عقد', driveId: 'd9', name: 'Company' }),
  entry({ id: 11, kind: 'deleted', count: 4, path: 'old/a.txt', driveId: 'd9', name: 'Company' }),
  entry({ id: 12, kind: 'notice', message: 'A damaged cache was put together again.' }),
]

test.use({ hasOwnBrowser: true })
test.beforeEach(({ page }) => page.clock.setFixedTime(new Date(noon.getTime() + 60 * 60_000)))

test('nothing has happened yet', async ({ ui, page }) => {
  await ui.open('first-run')
  await ui.show('Activity')
  await expect(page.getByText('Nothing has happened yet')).toBeVisible()
  await ui.lookBothWays('activity-empty')
})

test('what happened is told by day, found by drive and by words, and grows by itself', async ({ ui, page }) => {
  await ui.open('full')
  await page.evaluate((entries) => void (window.fake.activity = entries), some)
  await page.keyboard.press('Control+6')
  await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeFocused()
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Today', 'Yesterday', /^Wednesday,? 18 November$/])
  await expect(page.getByText('Uploaded 312 files to “Photos”')).toBeVisible()
  await ui.lookBothWays('activity')

  await page.getByRole('searchbox', { name: 'Filter' }).fill('2026.odt')
  await expect(page.getByRole('listitem').filter({ hasText: 'Uploaded' })).toHaveCount(0)
  await expect(page.getByText('“2026.odt” on “Photos” was changed')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter' }).fill('no such thing')
  await expect(page.getByText('Nothing matches')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter' }).fill('')
  await page.getByRole('combobox', { name: 'Drive' }).click()
  await page.getByRole('option', { name: 'Company' }).click()
  await expect(page.getByText('Deleted 4 files from “Company”')).toBeVisible()
  await expect(page.getByText('Uploaded 312 files')).toBeHidden()

  await page.evaluate(
    (more) => {
      window.fake.activity = [...window.fake.activity, more]
      window.fake.emit({ kind: 'activity:changed' })
    },
    entry({ id: 13, kind: 'restored', path: 'back.txt', driveId: 'd9', name: 'Company' }),
  )
  await expect(page.getByText('Restored “back.txt” on “Company”')).toBeVisible()
})

test('a long history is shown in steps', async ({ ui, page }) => {
  await ui.open('full')
  const many = Array.from({ length: 3000 }, (_, index) => entry({ id: index + 1, at: noon.getTime() + index }))
  await page.evaluate((entries) => void (window.fake.activity = entries), many)
  await ui.show('Activity')
  const rows = page.getByRole('region', { name: 'Today' }).getByRole('listitem')
  await expect(rows).toHaveCount(200)
  await page.getByRole('button', { name: 'Show older' }).click()
  await expect(rows).toHaveCount(400)
})
