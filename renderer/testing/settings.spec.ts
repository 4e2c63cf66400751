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

test('each kind of notification is turned off by itself', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  const card = page.getByRole('region', { name: 'Notifications' })
  const queued = card.getByRole('switch', { name: 'Changes left for later' })
  await expect(queued).toBeChecked()
  await queued.focus()
  await page.keyboard.press('Space')
  await expect(queued).not.toBeChecked()
  for (const name of ['Conflicts', 'Sign-ins that end', 'Drives that need you'])
    await expect(card.getByRole('switch', { name })).toBeChecked()
  expect(await ui.asked('settings:save')).toMatchObject([{ settings: { silenced: ['queued'] } }])
  await card.scrollIntoViewIfNeeded()
  await ui.lookBothWays('settings-notifications')
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

test('caches are moved after a question that says what moves and what rests meanwhile', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  const card = page.getByRole('region', { name: 'Cache' })
  await expect(card).toContainText('12.4 GB used, 84 GB free on this disk')
  const opener = card.getByRole('button', { name: 'Change…' })
  await opener.focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('alertdialog', { name: 'Move the caches?' })
  await expect(question).toContainText('3 changes (12 MB) that are not in the bucket yet move along')
  await expect(question).toContainText('“Studio photos”, “Scans”')
  await ui.lookBothWays('dialog-move-caches')
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(opener).toBeFocused()
  expect(await ui.asked('caches:move')).toEqual([])

  await opener.click()
  await question.getByRole('button', { name: 'Move', exact: true }).click()
  expect(await ui.asked('caches:move')).toEqual([{ folder: '/home/ana/Chosen' }])
  await expect(card).toContainText('Unmounting drives…')
  await expect(opener).toBeDisabled()
  const to = '/mnt/big/CloudMount cache'
  const copied = { doneBytes: 3_100_000_000, totalBytes: 12_400_000_000, bytesPerSecond: 310_000_000 }
  await page.evaluate((move) => window.fake.tellCacheMove(move), { phase: 'copying' as const, to, ...copied })
  await expect(card.getByRole('progressbar', { name: 'Moved' })).toHaveAttribute('aria-valuenow', '25')
  await expect(card).toContainText('3.1 GB of 12.4 GB · 310 MB/s · 30 s left')
  await card.scrollIntoViewIfNeeded()
  await ui.lookBothWays('settings-moving-caches')
  await card.getByRole('button', { name: 'Cancel moving' }).click()
  expect(await ui.asked('caches:cancel')).toHaveLength(1)
  await expect(card).toContainText('Cancelled. Everything is where it was.')
  await expect(opener).toBeEnabled()
})

test('a folder that cannot take the caches, and a move that failed, say why and what became of the data', async ({
  ui,
  page,
}) => {
  await ui.open('long-names')
  await ui.show('Settings')
  const card = page.getByRole('region', { name: 'Cache' })
  const place = `/mnt/${'a long name '.repeat(80)}/CloudMount cache`
  await page.evaluate((directory) => (window.fake.cachePlace = { directory, isUsual: false, usedBytes: 0 }), place)
  const problem = {
    code: 'disk-full' as const,
    message: 'The caches were not moved: the disk became full.',
    consequence: `The caches are still in ${place}, with everything in them.`,
    remedy: 'Free some space there, or choose another folder.',
  }
  await page.evaluate((refusal) => window.fake.refusals.set('caches:check', refusal), problem)
  await card.getByRole('button', { name: 'Change…' }).click()
  await expect(card.getByRole('alert')).toContainText('the disk became full')
  await card.getByRole('button', { name: 'Dismiss' }).click()
  await page.evaluate((told) => window.fake.tellCacheMove({ phase: 'failed', to: '/x', problem: told }), problem)
  await expect(card.getByRole('alert')).toContainText('with everything in them')
  await expect(card.getByRole('button', { name: 'Use the usual place…' })).toBeVisible()
  await card.scrollIntoViewIfNeeded()
  await ui.lookBothWays('settings-caches-failed')
})

test('each section is one key away, and its heading has the focus', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  await ui.lookBothWays('settings')
  const sections = page.getByRole('navigation', { name: 'Sections' })
  for (const name of ['Diagnostics', 'General']) {
    await sections.getByRole('button', { name }).focus()
    await page.keyboard.press('Enter')
    const heading = page.getByRole('heading', { level: 2, name })
    await expect(heading).toBeFocused()
    await expect(heading).toBeInViewport()
  }
})

test('the language is the system’s or one there is, and everything follows at once', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  const field = page.getByRole('combobox', { name: 'Language' }).or(page.getByRole('button', { name: 'Language' }))
  await expect(field).toContainText('System')
  await field.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('option')).toHaveText(['System', 'English', 'اختبار'])
  await page.getByRole('option', { name: 'اختبار' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'الإعدادات' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar-XB')
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect(page.locator('[data-language] .select-trigger')).toBeFocused()
  expect(await ui.asked('settings:save')).toMatchObject([{ settings: { language: 'ar-XB' } }])
  await ui.lookBothWays('settings-right-to-left')
  await page.locator('[data-language] .select-trigger').click()
  await page.getByRole('option', { name: 'System' }).click()
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr')
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
})

test('a new version is looked for, fetched and installed one step after the other', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  const card = page.getByRole('region', { name: 'Updates' })
  await card.getByRole('button', { name: 'Check for updates' }).click()
  await expect(card.getByRole('status')).toHaveText('Version 0.2.0 is available.')
  const downloading = { version: '0.2.0', doneBytes: 30_000_000, totalBytes: 120_000_000, bytesPerSecond: 4_000_000 }
  await page.evaluate((told) => window.fake.tellUpdate({ state: 'downloading', ...told }), downloading)
  await expect(card.getByRole('progressbar', { name: 'Downloaded' })).toHaveAttribute('aria-valuenow', '25')
  await card.scrollIntoViewIfNeeded()
  await ui.lookBothWays('settings-updates')
  await page.evaluate((told) => window.fake.tellUpdate({ state: 'ready', version: told }), '0.2.0')
  await card.getByRole('button', { name: 'Restart and install' }).click()
  expect(await ui.asked('updates:restart')).toHaveLength(1)
  await card.getByRole('radio', { name: 'Beta' }).click()
  expect(await ui.asked('settings:save')).toMatchObject([{ settings: { updateChannel: 'beta' } }])
})

test('updates that are off, cannot be found or belong to somebody else are said calmly', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Settings')
  const card = page.getByRole('region', { name: 'Updates' })
  await card.getByRole('radio', { name: 'Off' }).click()
  await expect(card.getByRole('status')).toHaveText('Nobody is asked for new versions.')
  await expect(card.getByRole('button')).toHaveCount(0)
  await card.getByRole('radio', { name: 'Stable' }).click()
  const problem = {
    code: 'offline' as const,
    message: 'It could not be found out whether there is a new version.',
    consequence: 'This version goes on working.',
    remedy: 'It is tried again tomorrow, or when you ask for it.',
  }
  await page.evaluate((told) => window.fake.tellUpdate({ state: 'failed', problem: told }), problem)
  await expect(card.getByRole('alert')).toContainText('This version goes on working.')
  await expect(card.getByRole('button', { name: 'Check for updates' })).toBeEnabled()
  await card.scrollIntoViewIfNeeded()
  await ui.lookBothWays('settings-updates-failed')
  await page.evaluate(() => window.fake.tellUpdate({ state: 'unsupported', because: 'package' }))
  await expect(card.getByRole('status')).toContainText('installed as a package')
  await expect(card.getByRole('button')).toHaveCount(0)
})

test('a proxy is typed, tested and saved by keyboard; the password goes and does not come back', async ({
  ui,
  page,
}) => {
  await ui.open('full')
  await ui.show('Settings')
  const card = page.getByRole('region', { name: 'Proxy' })
  await expect(card.getByRole('radio', { name: 'System' })).toBeChecked()
  await card.getByRole('radio', { name: 'This proxy' }).click()
  expect(await ui.asked('proxy:save')).toEqual([])
  await card.getByRole('button', { name: 'Save proxy' }).click()
  const address = card.getByRole('textbox', { name: 'Proxy for https' })
  await expect(address).toBeFocused()
  await page.keyboard.type('proxy.corp:3128')
  await card.getByRole('textbox', { name: 'Name (optional)' }).fill('ana')
  await card.getByLabel('Password').fill('secret')
  await card.getByRole('button', { name: 'Test proxy' }).click()
  await expect(card.getByRole('status')).toContainText('https://s3.eu-central-1.amazonaws.com answers.')
  await expect(card.getByRole('status')).toContainText('The proxy at proxy.corp:3128 makes no connection')
  await card.scrollIntoViewIfNeeded()
  await ui.lookBothWays('settings-proxy')
  await address.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText('The proxy was saved.')).toBeVisible()
  const proxy = {
    mode: 'manual',
    https: 'http://proxy.corp:3128',
    http: 'http://proxy.corp:3128',
    user: 'ana',
    bypass: ['localhost', '127.0.0.1'],
  }
  expect(await ui.asked('proxy:save')).toEqual([{ proxy, password: 'secret' }])
  await expect(card.getByLabel('Password')).toHaveValue('')
  await expect(card.getByLabel('Password')).toHaveAttribute('placeholder', 'Keep the stored password')
  await card.getByRole('radio', { name: 'No proxy' }).click()
  await expect(page.getByText('Drives connect that way from now on.')).toBeVisible()
  expect((await ui.asked('proxy:save'))[1]).toEqual({ proxy: { mode: 'none' } })
})
