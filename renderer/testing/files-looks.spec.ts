import { expect } from '@playwright/test'
import { dragOver, filesGrid, row } from './files-page.ts'
import { test } from './window-page.ts'

/** The browser of a drive in every state: no accessibility finding, pictures in test-results. */
test('a folder with a file of every state, selected, with its menu', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await expect(row(page, /notes\.txt/)).toBeVisible()
  await ui.lookBothWays('files')
  await row(page, /Ana & Jo/).click()
  await row(page, /film\.mov/).click({ modifiers: ['Control'] })
  await ui.lookBothWays('files-selected')
  await row(page, /film\.mov/).click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: 'Free up space' })).toBeVisible()
  await ui.lookBothWays('files-menu')
})

test('names that no row can show, and from the right to the left', async ({ ui, page }) => {
  await ui.open('long-names')
  await ui.show('Files')
  await ui.lookBothWays('files-long')
  await filesGrid(page).getByRole('row').nth(1).dblclick()
  await filesGrid(page).getByRole('row').nth(1).dblclick()
  await expect(row(page, /report/)).toBeVisible()
  await ui.lookBothWays('files-long-inside')
  await page.setViewportSize({ width: 620, height: 560 })
  await ui.look({ name: 'files-narrow' })
})

test('a search, what it finds, and what it does not', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^clients/).dblclick()
  await page.getByRole('searchbox', { name: 'Search' }).fill('wedding')
  await expect(row(page, /wedding list\.ods/)).toBeVisible()
  await ui.lookBothWays('files-search')
  await page.getByRole('searchbox', { name: 'Search' }).fill('nothing has this name')
  await expect(page.getByRole('heading', { name: 'Nothing found.' })).toBeVisible()
  await ui.lookBothWays('files-search-nothing')
})

test('properties, also of what the bucket cannot tell of now', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /wedding\.jpg/).click()
  await page.keyboard.press('Alt+Enter')
  await expect(page.getByText('STANDARD_IA')).toBeVisible()
  await ui.lookBothWays('files-properties')
  await page.keyboard.press('Escape')
  await page.evaluate(() => {
    window.fake.files.properties = {
      state: 'unreachable',
      problem: { code: 'offline', message: 'The service does not answer.', remedy: 'It is tried again by itself.' },
      known: { key: 'wedding.jpg', etag: '"1"', sizeBytes: 8_400_000, metadata: {} },
    }
  })
  await page.keyboard.press('Alt+Enter')
  await expect(page.getByText('this is what was known before')).toBeVisible()
  await ui.lookBothWays('files-properties-offline')
})

test('details of one file, of several, and of what is not here', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^notes\.txt/).click()
  await page.keyboard.press('Control+i')
  await expect(page.getByText('and another one')).toBeVisible()
  await ui.lookBothWays('files-details')
  await row(page, /^locked\.psd/).click()
  await expect(page.getByRole('region', { name: 'Details' })).toContainText('These keys may not write')
  await row(page, /^wedding\.jpg/).click()
  await expect(page.getByText('Not on this computer.')).toBeVisible()
  await row(page, /^clients/).click({ modifiers: ['Control'] })
  await row(page, /^film\.mov/).click({ modifiers: ['Control'] })
  await expect(page.getByRole('region', { name: 'Details' })).toContainText('3 items')
  await ui.look({ name: 'files-details-several', isDark: true })
  await page.setViewportSize({ width: 520, height: 560 })
  await ui.look({ name: 'files-details-narrow' })
})

test('details of a name that no line can show, and a row that is to be deleted', async ({ ui, page }) => {
  await ui.open('long-names')
  await ui.show('Files')
  await filesGrid(page).getByRole('row').nth(1).click()
  await page.keyboard.press('Control+i')
  await ui.look({ name: 'files-details-long' })
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^notes\.txt/).click()
  await page.keyboard.press('Delete')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(row(page, /Will be deleted/)).toBeVisible()
  await ui.lookBothWays('files-undo')
})

test('the dialog of a link', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /wedding\.jpg/).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Share link…' }).click()
  await page.getByRole('button', { name: 'Copy link' }).click()
  await expect(page.getByText('The link is copied.')).toBeVisible()
  await ui.lookBothWays('files-share')
})

test('the dialogs: rename, delete, and names that are taken', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /wedding\.jpg/).click()
  await page.keyboard.press('F2')
  await page.getByRole('textbox', { name: 'Name' }).fill('a/b')
  await page.keyboard.press('Enter')
  await ui.lookBothWays('files-rename')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Delete')
  await expect(page.getByText('The bucket keeps older versions')).toBeVisible()
  await ui.lookBothWays('files-delete')
  await page.keyboard.press('Escape')
  await page.evaluate(() => (window.fake.files.chosen = ['/x/notes.txt', '/x/film.mov', '/x/new.txt']))
  await page.getByRole('button', { name: 'Upload…' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('2 of these 3 names')
  await ui.lookBothWays('files-clash')
})

test('the hint while files are dragged here', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await dragOver(page, row(page, /^weddings/))
  await expect(page.getByText('Drop to add to “weddings”')).toBeVisible()
  await ui.lookBothWays('files-drop')
})

test('a folder that is empty, looked at for the first time, offline, gone', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^archive/).dblclick()
  await expect(page.getByRole('heading', { name: '“archive” is empty' })).toBeVisible()
  await ui.lookBothWays('files-empty')
  await page.evaluate(() => {
    window.fake.files.listing = { state: 'fetching', isFirst: true }
    window.fake.files.tell('d1', 'archive')
  })
  await expect(page.getByText('Looking what is in “archive”')).toHaveCount(1)
  await ui.lookBothWays('files-first')
  await page.evaluate(() => {
    const problem = {
      code: 'offline' as const,
      message: 'The service does not answer.',
      remedy: 'It is tried again by itself.',
    }
    window.fake.files.listing = { state: 'unreachable', isFirst: true, problem }
    window.fake.files.tell('d1', 'archive')
  })
  await expect(page.getByText('was never looked at before')).toBeVisible()
  await ui.lookBothWays('files-unknown')
  await page.getByRole('button', { name: 'Photos', exact: true }).click()
  await page.evaluate(() => {
    const problem = {
      code: 'offline' as const,
      message: 'The service does not answer.',
      remedy: 'It is tried again by itself.',
    }
    window.fake.files.listing = { state: 'unreachable', isFirst: false, problem }
    window.fake.files.tell('d1', '')
  })
  await expect(page.getByText('as it was last seen')).toBeVisible()
  await ui.lookBothWays('files-offline')
  await page.evaluate(() => {
    window.fake.refusals.set('file:list', { code: 'not-found', message: '“raw” is not on this drive any more.' })
  })
  await row(page, /^raw/).dblclick()
  await expect(page.getByRole('alert')).toContainText('is not on this drive any more')
  await ui.lookBothWays('files-error')
})

test('a drive that is not mounted, and no drive at all', async ({ ui, page }) => {
  await ui.open('blocked-machine')
  await ui.show('Files')
  await expect(page.getByRole('heading', { name: 'is not mounted' })).toBeVisible()
  await ui.lookBothWays('files-unmounted')
  await ui.open('first-run')
  await ui.show('Files')
  await ui.look({ name: 'files-no-drive' })
})
