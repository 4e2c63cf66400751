/** From an account that is being tested to folders that can be opened. */
import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import type { WindowPage } from './window-page.ts'
import { test } from './window-page.ts'

async function addAccount({ page }: WindowPage): Promise<void> {
  await page.getByRole('button', { name: 'Add an account' }).click()
  await page.getByRole('textbox', { name: 'Access key' }).fill('AK')
  await page.getByLabel('Secret key').fill('hush')
  await page.getByRole('button', { name: 'Add account' }).click()
}

/** Buckets that the next test finds; `undefined` for keys that may not list. */
async function findBuckets(page: Page, buckets: string[] | undefined): Promise<void> {
  await page.evaluate((found) => {
    window.fake.testDelayMs = 0
    const usual = window.fake.testAnswer
    window.fake.testAnswer = (bucket) => {
      const { buckets: _usual, ...answer } = usual(bucket)
      return found === undefined ? answer : { ...answer, buckets: found }
    }
  }, buckets)
}

test('each step of a test is seen as it happens, and said', async ({ ui, page }) => {
  await ui.open('full')
  await page.evaluate(() => {
    const gates = new Map<string, () => void>()
    window.fake.stepped = (id) => new Promise((done) => gates.set(id, done))
    Object.assign(window, { passStep: (id: string) => gates.get(id)?.() })
  })
  const pass = (id: string) =>
    page.evaluate((step) => (window as unknown as { passStep(id: string): void }).passStep(step), id)
  await ui.show('Accounts')
  await page.getByRole('article', { name: 'Studio' }).getByRole('button', { name: 'Edit' }).click()
  await page.getByRole('button', { name: 'Test connection' }).click()
  const steps = page.getByRole('region', { name: 'Test result' }).getByRole('listitem')
  await expect(steps).toHaveCount(6)
  await expect(steps.nth(0)).toContainText('Reach the service: Running')
  await expect(steps.nth(5)).toContainText('Versioning: Waiting')
  await pass('reachable')
  await expect(page.getByRole('status').filter({ hasText: 'Reach the service: Passed' })).toHaveCount(1)
  await expect(steps.nth(1)).toContainText('Sign in with the keys: Running')
  await pass('signed')
  await expect(steps.nth(2)).toContainText('List: Running')
  await ui.lookBothWays('account-test-running')

  await page.getByRole('button', { name: 'Cancel test' }).click()
  expect(await ui.asked('account:stop')).toHaveLength(1)
  await expect(page.getByRole('button', { name: 'Test connection' })).toBeFocused()
  await expect(page.getByRole('status').filter({ hasText: 'The test was cancelled.' })).toHaveCount(1)
  await expect(steps).toHaveCount(0)
})

test('what can only be found out in a bucket is tested in the one that is chosen', async ({ ui, page }) => {
  await ui.open('full')
  await page.evaluate(() => (window.fake.testDelayMs = 0))
  await ui.show('Accounts')
  await page.getByRole('article', { name: 'Studio' }).getByRole('button', { name: 'Test' }).click()
  await page.getByRole('combobox', { name: 'Test writing in' }).click()
  await page.getByRole('option', { name: 'press' }).click()
  await page.getByRole('button', { name: 'Test this bucket' }).click()
  await expect(page.getByText('Objects can be written and deleted.')).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Test writing in' })).toHaveCount(0)
  expect(await ui.asked('account:test')).toMatchObject([{}, { bucket: 'press' }])
})

test('several buckets and a folder are mounted at once; one that fails is said, and tried again', async ({
  ui,
  page,
}) => {
  test.slow()
  await ui.open('first-run')
  await findBuckets(page, ['archive-2019', 'backup-eu', 'company'])
  await addAccount(ui)
  const dialog = page.getByRole('dialog', { name: 'Choose what to mount' })
  await dialog.getByRole('checkbox', { name: 'archive-2019' }).check()
  await dialog.getByRole('checkbox', { name: 'company' }).check()
  await dialog.getByRole('button', { name: 'A folder in a bucket' }).click()
  await dialog.getByRole('button', { name: 'Add to the list' }).click()
  await expect(dialog.getByText('Choose a bucket or type its name.')).toBeVisible()
  await dialog.getByRole('combobox', { name: 'Bucket' }).fill('company')
  await dialog.getByRole('textbox', { name: 'Folder in the bucket (optional)' }).fill('legal/contracts')
  await dialog.getByRole('button', { name: 'Add to the list' }).click()
  await expect(dialog.getByRole('checkbox', { name: 'company/legal/contracts/' })).toBeChecked()
  await ui.lookBothWays('first-drives')

  await page.evaluate(() => {
    const refuse = (name: 'drive:mount') =>
      window.fake.refusals.set(name, {
        code: 'bucket-unknown',
        message: 'There is no such bucket.',
        detail: 'NoSuchBucket, request 7Q2',
      })
    refuse('drive:mount')
  })
  await dialog.getByRole('button', { name: 'Mount 3 drives' }).click()
  await expect(dialog.getByRole('status')).toHaveText('2 drives are mounted. 1 could not be mounted.')
  await expect(dialog.getByRole('alert')).toContainText('There is no such bucket.')
  await expect(dialog.getByRole('button', { name: 'Try again' })).toBeFocused()
  await ui.lookBothWays('first-drives-failed')
  const saved = await ui.asked('drive:save')
  expect(saved).toMatchObject([
    { drive: { bucket: 'archive-2019', prefix: '' } },
    { drive: { bucket: 'company', prefix: '', mountpoint: '/home/ana/CloudMount/company' } },
    { drive: { bucket: 'company', prefix: 'legal/contracts/', mountpoint: '/home/ana/CloudMount/contracts' } },
  ])

  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('status')).toHaveText('3 drives are mounted.')
  // It was added before: only its mount is tried again.
  expect(await ui.asked('drive:save')).toHaveLength(3)
  await dialog.getByRole('button', { name: 'Open folder of “company”' }).click()
  await dialog.getByRole('button', { name: 'Open folder', exact: true }).click()
  expect(await ui.asked('drive:open')).toHaveLength(2)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(ui.drive('contracts').getByText('Mounted')).toBeVisible()
})

test('of a thousand buckets one is found by a part of its name', async ({ ui, page }) => {
  await ui.open('first-run')
  await findBuckets(
    page,
    Array.from({ length: 1000 }, (_unused, index) => `team-${index}-${'long-'.repeat(8)}bucket`),
  )
  await addAccount(ui)
  const dialog = page.getByRole('dialog', { name: 'Choose what to mount' })
  await expect(dialog.getByText('700 more buckets')).toBeVisible()
  await ui.lookBothWays('first-drives-many')
  await dialog.getByRole('searchbox', { name: 'Filter' }).fill('team-999-')
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('searchbox', { name: 'Filter' }).fill('no such')
  await expect(dialog.getByText('No bucket has this in its name.')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Mount 1 drive' })).toBeVisible()
})

test('keys that may not list ask for a name, and Enter mounts it', async ({ ui, page }) => {
  await ui.open('first-run')
  await findBuckets(page, undefined)
  await addAccount(ui)
  const dialog = page.getByRole('dialog', { name: 'Choose what to mount' })
  await ui.lookBothWays('first-drives-typed')
  await dialog.getByRole('button', { name: 'Mount', exact: true }).click()
  await expect(dialog.getByRole('combobox', { name: 'Bucket' })).toBeFocused()
  await page.keyboard.type('shared-with-us')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('button', { name: 'Open folder' })).toBeFocused()
  expect(await ui.asked('drive:mount')).toHaveLength(1)
})
