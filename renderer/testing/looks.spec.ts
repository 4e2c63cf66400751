import { expect } from '@playwright/test'
import type { ScenarioName } from './scenarios.ts'
import { test } from './window-page.ts'

/** Every screen in every situation: no accessibility finding, in light and in dark; pictures in test-results. */
const screens = ['Drives', 'Accounts', 'Transfers', 'Conflicts', 'Settings'] as const
const situations: readonly [ScenarioName, readonly (typeof screens)[number][]][] = [
  ['first-run', ['Drives', 'Accounts', 'Transfers']],
  ['one-account', ['Drives']],
  ['full', screens],
  ['errors', ['Drives', 'Transfers']],
  ['trouble', ['Drives', 'Transfers']],
  ['long-names', ['Drives', 'Accounts', 'Transfers']],
  ['signed-out', ['Drives']],
  ['many', ['Transfers']],
  ['conflicts', ['Drives', 'Conflicts']],
  ['conflict-states', ['Conflicts']],
  ['many-conflicts', ['Conflicts']],
  ['blocked-machine', ['Drives', 'Accounts']],
]

for (const [scenario, shown] of situations) {
  for (const screen of shown) {
    test(`${scenario}: ${screen}`, async ({ ui }) => {
      await ui.open(scenario)
      await ui.show(screen)
      await ui.lookBothWays(`${scenario}-${screen.toLowerCase()}`)
    })
  }
}

test('a window that could not load says so', async ({ ui }) => {
  await ui.open('no-answer')
  await expect(ui.page.getByRole('alert')).toContainText('could not load')
  await ui.lookBothWays('no-answer')
})

test('a narrow window', async ({ ui }) => {
  await ui.page.setViewportSize({ width: 620, height: 560 })
  await ui.open('full')
  await ui.look({ name: 'narrow-drives' })
  await ui.show('Transfers')
  await ui.look({ name: 'narrow-transfers' })
  await ui.open('trouble')
  await ui.look({ name: 'narrow-trouble-drives' })
  await ui.show('Transfers')
  await ui.look({ name: 'narrow-trouble-transfers' })
})

test('add account, empty and tested', async ({ ui, page }) => {
  await ui.open('first-run')
  await page.getByRole('button', { name: 'Add an account' }).click()
  await ui.lookBothWays('dialog-account')
  await page.getByRole('radio', { name: 'Backblaze B2' }).click()
  await page.getByRole('button', { name: 'Add account' }).click()
  await ui.lookBothWays('dialog-account-errors')
  await page.getByLabel('Region').fill('eu-central-003')
  await page.getByLabel('Access key', { exact: true }).and(page.getByRole('textbox')).fill('0031')
  await page.getByLabel('Secret key').fill('secret')
  await page.getByRole('button', { name: 'Test connection' }).click()
  await ui.look({ name: 'dialog-account-testing' })
  await expect(page.getByText('Answered in 38 ms')).toBeVisible()
  await ui.lookBothWays('dialog-account-tested')
})

test('add drive, with the buckets of the account', async ({ ui, page }) => {
  await ui.open('full')
  await page.getByRole('button', { name: 'Add drive' }).click()
  await page.getByRole('option', { name: 'company' }).click()
  await ui.lookBothWays('dialog-drive')
  await page.getByRole('button', { name: 'More options' }).click()
  await page.getByRole('combobox', { name: 'Freshness' }).click()
  await ui.look({ name: 'dialog-drive-options' })
})

test('edit a mounted drive, with its limit and the names that stay here', async ({ ui, page }) => {
  await ui.open('full')
  await ui.drive('Photos').getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Edit…' }).click()
  await page.getByRole('button', { name: 'More options' }).click()
  await page.getByRole('combobox', { name: 'Storage class of new files' }).click()
  await page.getByRole('option', { name: 'Another' }).click()
  await page.getByRole('combobox', { name: 'Encryption in the bucket' }).click()
  await page.getByRole('option', { name: 'SSE-KMS' }).click()
  await page.getByRole('textbox', { name: 'Key' }).fill('alias/ours')
  await page.getByRole('textbox', { name: 'Name of the storage class' }).fill('GLACIER')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('could not be opened again')).toBeInViewport({ ratio: 1 })
  await ui.lookBothWays('dialog-drive-storage')
  await page.getByRole('textbox', { name: 'Name of the storage class' }).fill('COLD')
  await page.getByRole('textbox', { name: 'Cache limit in GB' }).fill('nothing')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Enter a number of gigabytes')).toBeInViewport({ ratio: 1 })
  await ui.lookBothWays('dialog-drive-edit')
  await page.getByRole('textbox', { name: 'Cache limit in GB' }).fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  expect(await ui.asked('drive:save')).toMatchObject([
    { drive: { storageClass: 'COLD', encryption: { kind: 'sse-kms', keyId: 'alias/ours' } } },
  ])
})

test('the question at an unmount, the wait, and its failure', async ({ ui, page }) => {
  await ui.open('full')
  const photos = ui.drive('Photos')
  await photos.getByRole('button', { name: 'Unmount' }).click()
  await ui.lookBothWays('dialog-unmount')
  await page.getByRole('button', { name: 'Upload, then unmount' }).click()
  await ui.lookBothWays('dialog-unmount-wait')
  await page.evaluate(() => {
    window.fake.setStatus('d1', { connection: 'offline' })
    window.fake.settleSync(9)
  })
  await expect(page.getByRole('alertdialog')).toContainText('is still mounted')
  await ui.lookBothWays('dialog-unmount-offline')
})

test('the question before a removal', async ({ ui, page }) => {
  await ui.open('full')
  const photos = ui.drive('Photos')
  await photos.getByRole('button', { name: 'More actions' }).click()
  await ui.look({ name: 'menu-drive' })
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await ui.lookBothWays('dialog-remove')
})

test('the question at quitting, the wait, and its failure', async ({ ui, page }) => {
  await ui.open('full')
  await page.evaluate(() =>
    window.fake.emit({ kind: 'quit:asked', unsyncedBytes: 1.4e9, pendingOperations: 10, isAgain: false }),
  )
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await ui.lookBothWays('dialog-quit')
  await page.getByRole('button', { name: 'Upload, then quit' }).click()
  await ui.lookBothWays('dialog-quit-wait')
  await page.evaluate(() => {
    window.fake.setStatus('d1', { connection: 'offline' })
    window.fake.emit({ kind: 'quit:asked', unsyncedBytes: 1.4e9, pendingOperations: 10, isAgain: true })
  })
  await expect(page.getByRole('alertdialog')).toContainText('Not everything could be uploaded')
  await ui.lookBothWays('dialog-quit-offline')
})

test('what is wrong with a transfer, whole, until it is retried', async ({ ui, page }) => {
  await ui.open('trouble')
  await ui.show('Transfers')
  await expect(page.getByText('Photos / archive · was clients/2025')).toBeVisible()
  await page.getByRole('button', { name: /“letters\/2026-11-04.pdf” is damaged/ }).click()
  const dialog = page.getByRole('dialog', { name: '2026-11-04.pdf' })
  await expect(dialog).toContainText('what the bucket has is untouched')
  await ui.lookBothWays('dialog-transfer-problem')
  await dialog.getByRole('button', { name: 'Retry' }).click()
  await expect(dialog).toBeHidden()
  expect(await ui.asked('transfer:retry')).toEqual([{ driveId: 'd3', transferId: 'c2' }])
})

test('kept offline: nothing yet, every state, and what was just added', async ({ ui, page }) => {
  await ui.open('full')
  const open = async (): Promise<void> => {
    await ui.drive('Photos').getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Keep offline…' }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
  }
  await open()
  await ui.lookBothWays('dialog-pins-empty')
  await page.evaluate(() => {
    const some = { isFolder: true, files: 240, readyFiles: 12, sizeBytes: 1.9e9, readyBytes: 1.4e8 }
    const offline = { code: 'endpoint-unreachable' as const, message: 'The server does not answer.' }
    const full = {
      code: 'disk-full' as const,
      message: 'There is no room on this computer for everything that is to be kept offline.',
      remedy: 'Free some disk space, raise the cache limit, or keep less offline.',
    }
    window.fake.pins = [
      { ...some, path: 'weddings/2026/Ana & Jo', readyFiles: 240, readyBytes: 1.9e9, status: { state: 'ready' } },
      {
        ...some,
        path: `${'a very long name '.repeat(12)}/contract.pdf`,
        isFolder: false,
        status: { state: 'fetching' },
      },
      { ...some, path: 'archive', status: { state: 'waiting', problem: offline } },
      { ...some, path: 'raw', status: { state: 'failed', problem: full } },
    ]
  })
  await expect(page.getByText('Not complete')).toBeVisible()
  await ui.lookBothWays('dialog-pins')
  await page.getByRole('button', { name: 'Stop keeping raw offline' }).click()
  await page.getByRole('button', { name: 'Add folder…' }).click()
  await expect(page.getByText('Chosen')).toBeVisible()
  await expect(page.getByText('raw', { exact: true })).toBeHidden()
})
