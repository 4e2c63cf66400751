import { expect } from '@playwright/test'
import { drop, filesGrid, row, filesToolbar } from './files-page.ts'
import { test } from './window-page.ts'

test('a drive is browsed by keyboard alone, and each folder is left where it was entered', async ({ ui, page }) => {
  await ui.open('full')
  await page.keyboard.press('Control+2')
  await expect(page.getByRole('heading', { level: 1, name: 'Files' })).toBeFocused()
  await expect(row(page, /^archive/)).toBeVisible()
  await filesGrid(page).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(row(page, /^offer\.odt/)).toBeVisible()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await expect(row(page, /^nda\.docx/)).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Folder' })).toContainText('signed')
  await page.keyboard.press('Alt+ArrowUp')
  await expect(row(page, /^signed/)).toHaveClass(/active/)
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await expect(row(page, /^clients/)).toHaveClass(/active/)
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  expect(await ui.asked('file:open')).toEqual([{ driveId: 'd1', path: 'wedding.jpg' }])
})

test('crumbs lead back, also the folders that are not drawn', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  for (const folder of [/^clients/, /^2025/, /^q3/, /^signed/]) await row(page, folder).dblclick()
  await page.getByRole('button', { name: 'Folders between' }).click()
  await page.getByRole('menuitem', { name: '2025' }).click()
  await expect(row(page, /^q3/)).toBeVisible()
  await page.getByRole('navigation', { name: 'Folder' }).getByRole('button', { name: 'Photos' }).click()
  await expect(row(page, /^notes\.txt/)).toBeVisible()
})

test('keys choose rows, type ahead, and take all; the number is said', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await expect(row(page, /^archive/)).toBeVisible()
  await filesGrid(page).focus()
  await page.keyboard.type('img')
  await expect(row(page, /^IMG_4711/)).toHaveClass(/active/)
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(page.getByRole('status').filter({ hasText: '3 of 16 selected' })).toBeVisible()
  await page.keyboard.press('Control+a')
  await expect(page.getByText('16 of 16 selected')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByText('16 items')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Select all' }).check()
  await expect(page.getByText('16 of 16 selected')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Select all' }).uncheck()
  await expect(page.getByText('16 items')).toBeVisible()
})

test('columns sort, and say how', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await page.getByRole('button', { name: 'Size', exact: true }).click()
  await expect(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'descending')
  await expect(filesGrid(page).getByRole('row').nth(5)).toContainText('Ana & Jo.mp4')
  await page.getByRole('button', { name: 'Size', exact: true }).click()
  await expect(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending')
  await expect(filesGrid(page).getByRole('row').nth(5)).toContainText('latest')
})

test('files are kept, released and freed, and what stays is said', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^wedding\.jpg/).click()
  await page.getByRole('button', { name: 'Keep offline' }).click()
  await expect(row(page, /^wedding\.jpg, Downloading, 0 %/)).toBeVisible()
  await row(page, /^wedding\.jpg/).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Stop keeping offline' }).click()
  await expect(row(page, /^wedding\.jpg, On this computer/)).toBeVisible()
  await row(page, /^notes\.txt/).click()
  await row(page, /^IMG_4712/).click({ modifiers: ['Control'] })
  await page.getByRole('button', { name: 'Free up space' }).click()
  await expect(
    page.getByText('900 bytes freed. 1 file is online only now. 1 file (1.24 MB) stays: not in the bucket yet.'),
  ).toBeVisible()
  expect(await ui.asked('file:free')).toEqual([{ driveId: 'd1', paths: ['notes.txt', 'IMG_4712.cr3'] }])
})

test('the menu opens by key at the row, and the focus comes back to the list', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^notes\.txt/).click()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menuitem', { name: 'Show in file manager' }).press('Enter')
  await expect(filesGrid(page)).toBeFocused()
  expect(await ui.asked('file:reveal')).toEqual([{ driveId: 'd1', path: 'notes.txt' }])
  await page.keyboard.press('Shift+F10')
  await expect(page.getByRole('menuitem', { name: 'Versions…' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(filesGrid(page)).toBeFocused()
})

test('a search shows what is found as it is typed, and leads there', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await page.keyboard.press('Control+f')
  await page.keyboard.type('wedding')
  await expect(filesGrid(page).getByRole('row')).toHaveCount(4)
  await page.keyboard.type(' list')
  await expect(row(page, /^wedding list\.ods, clients\/2025\/q3/)).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: '1 found.' })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await expect(filesGrid(page)).toBeFocused()
  await page.keyboard.press('Backspace')
  await expect(page.getByRole('navigation', { name: 'Folder' })).toContainText('q3')
  await expect(row(page, /^wedding list\.ods/)).toHaveClass(/active/)
})

test('a search is asked again while names are being read, and can be for one folder', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^clients/).dblclick()
  await page.evaluate(() => (window.fake.files.isIndexing = true))
  await page.getByRole('searchbox', { name: 'Search' }).fill('o')
  await expect(page.getByText('Names are still being read.')).toBeVisible()
  await page.evaluate(() => (window.fake.files.isIndexing = false))
  await expect(page.getByText('Names are still being read.')).toHaveCount(0)
  await page.getByRole('radio', { name: 'This folder' }).click()
  await expect(row(page, /^notes\.txt/)).toHaveCount(0)
  await expect(row(page, /^offer\.odt/)).toBeVisible()
  expect((await ui.asked('file:search')).at(-1)).toMatchObject({ text: 'o', under: 'clients' })
  await page.getByRole('searchbox', { name: 'Search' }).press('Escape')
  await expect(row(page, /^2025/)).toBeVisible()
})

test('a name is changed, and a folder made, with the focus on it afterwards', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^notes\.txt/).click()
  await page.keyboard.press('F2')
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await page.keyboard.type('to do')
  await page.keyboard.press('Enter')
  await expect(row(page, /^to do\.txt/)).toHaveClass(/active/)
  expect(await ui.asked('file:rename')).toEqual([{ driveId: 'd1', path: 'notes.txt', name: 'to do.txt' }])
  await page.evaluate(() =>
    window.fake.refusals.set('file:makeFolder', { code: 'already-exists', message: 'There is an “archive” already.' }),
  )
  await page.getByRole('button', { name: 'New folder…' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('archive')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('There is an “archive” already.')
  await page.getByRole('textbox', { name: 'Name' }).fill('from me')
  await page.keyboard.press('Enter')
  await expect(row(page, /^from me, folder/)).toHaveClass(/active/)
})

test('deleting asks first, says whether it can come back, and Enter does not delete', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^notes\.txt/).click()
  await page.keyboard.press('Delete')
  await expect(page.getByRole('alertdialog', { name: 'Delete “notes.txt”?' })).toContainText(
    'The bucket keeps older versions',
  )
  await page.keyboard.press('Enter')
  expect(await ui.asked('file:delete')).toEqual([])
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(filesGrid(page)).toBeFocused()
  await expect(row(page, /^notes\.txt, Will be deleted/)).toBeVisible()
  expect(await ui.asked('file:delete')).toEqual([])
  await expect(page.getByText('“notes.txt” is deleted.')).toBeVisible({ timeout: 15_000 })
  await expect(row(page, /^notes\.txt/)).toHaveCount(0)
  await expect(row(page, /^portrait\.tif/)).toHaveClass(/active/)
  expect(await ui.asked('file:delete')).toEqual([{ driveId: 'd1', paths: ['notes.txt'] }])
})

test('a deletion, and a new name, can be taken back for some seconds', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  for (const takeBack of [
    () => page.keyboard.press('Control+z'),
    () => page.getByRole('button', { name: 'Undo' }).click(),
  ]) {
    await row(page, /^notes\.txt/).click()
    await page.keyboard.press('Delete')
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await expect(page.getByText('“notes.txt” will be deleted.')).toBeVisible()
    await takeBack()
    await expect(page.getByText('“notes.txt” stays where it is.').last()).toBeVisible()
    await expect(row(page, /^notes\.txt, Will be deleted/)).toHaveCount(0)
  }
  expect(await ui.asked('file:delete')).toEqual([])
  await row(page, /^notes\.txt/).click()
  await page.keyboard.press('F2')
  await page.keyboard.type('to do')
  await page.keyboard.press('Enter')
  await expect(row(page, /^to do\.txt/)).toHaveClass(/active/)
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Control+z')
  await expect(row(page, /^notes\.txt/)).toHaveClass(/active/)
  expect((await ui.asked('file:rename')).at(-1)).toMatchObject({ path: 'to do.txt', name: 'notes.txt' })
})

test('dropped files go to the folder they are dropped on, and taken names are asked about', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await drop(page, row(page, /^weddings/), ['a.txt', 'b.txt'])
  await expect(page.getByText('2 items are on the drive and are uploaded by themselves.')).toBeVisible()
  expect(await ui.asked('file:upload')).toEqual([
    { driveId: 'd1', path: 'weddings', sources: ['/home/ana/a.txt', '/home/ana/b.txt'] },
  ])
  await drop(page, filesGrid(page), ['notes.txt', 'new.txt'])
  const dialog = page.getByRole('alertdialog', { name: 'This name is taken' })
  await expect(dialog).toContainText('has a “notes.txt” already')
  await dialog.getByRole('button', { name: 'Add only the others' }).click()
  await expect(row(page, /^new\.txt/)).toBeVisible()
  expect((await ui.asked('file:upload')).at(-1)).toMatchObject({ path: '', onClash: 'skip' })
})

test('details stand beside the list, follow the focus, and ask for nothing that is not here', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  const details = page.getByRole('region', { name: 'Details' })
  await row(page, /^notes\.txt/).click()
  await page.getByRole('button', { name: 'Details' }).click()
  await expect(page.getByRole('button', { name: 'Details', exact: true })).toHaveAttribute('aria-pressed', 'true')
  await expect(details.getByRole('heading', { name: 'notes.txt' })).toBeVisible()
  await expect(details.getByLabel('Preview of “notes.txt”')).toContainText('and another one')
  await filesGrid(page).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Escape')
  await expect(details.getByRole('heading', { name: 'portrait.tif' })).toBeVisible()
  await expect(details).toContainText('Downloading, 40 %')
  await expect(details.getByText('Not on this computer.')).toBeVisible()
  await details.getByRole('button', { name: 'Versions…' }).click()
  await expect(page.getByRole('dialog', { name: 'Versions of “portrait.tif”' })).toBeVisible()
  await page.keyboard.press('Escape')
  await filesGrid(page).focus()
  await page.keyboard.press('Control+a')
  await expect(details.getByRole('heading', { name: '16 items' })).toBeVisible()
  await expect(details).toContainText('without what is in folders')
  await details.getByRole('button', { name: 'Close details' }).click()
  await expect(details).toHaveCount(0)
  await expect(filesGrid(page)).toBeFocused()
  await page.keyboard.press('Control+i')
  await expect(details).toBeVisible()
})

test('a drive that is read only is not written to', async ({ ui, page }) => {
  await ui.open('long-names')
  await ui.show('Files')
  await drop(page, filesGrid(page), ['a.txt'])
  await filesGrid(page).focus()
  await page.keyboard.press('Delete')
  await page.keyboard.press('F2')
  await expect(page.getByRole('dialog').or(page.getByRole('alertdialog'))).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Upload…' })).toHaveCount(0)
  expect(await ui.asked('file:upload')).toEqual([])
})

test('a file is shared for as long as the person says, and the end of the link is said', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^wedding\.jpg/).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Share link…' }).click()
  await page.getByRole('radio', { name: '7 days' }).click()
  await page.evaluate(() => (window.fake.files.isShareShortened = true))
  await page.getByRole('button', { name: 'Copy link' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'The link is copied.' })).toContainText(
    'sooner than asked for',
  )
  expect(await ui.asked('file:share')).toEqual([{ driveId: 'd1', path: 'wedding.jpg', expiresInSeconds: 604800 }])
})

test('a file is downloaded to a folder that the system asks for', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^wedding\.jpg/).click()
  await page.getByRole('button', { name: 'Download…' }).click()
  await expect(page.getByText('“wedding.jpg” is downloaded to /home/ana/Downloads.')).toBeVisible()
})

test('a conflict leads to its comparison, another drive to its files, a card to its drive', async ({ ui, page }) => {
  await ui.open('conflicts')
  await ui.drive('Contracts').getByRole('button', { name: 'Browse' }).click()
  await row(page, /^notes\.txt, Conflict/).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Settle conflict…' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'notes.txt' })).toBeVisible()
  await ui.open('full')
  await ui.show('Files')
  await page
    .getByRole('button', { name: 'Drive: Photos' })
    .or(page.getByRole('combobox', { name: 'Drive: Photos' }))
    .click()
  await page.getByRole('option', { name: 'Nightly backup' }).click()
  await expect(row(page, /^backup\.tar/)).toBeVisible()
})

test('what changes in the bucket shows at once, and the selection stays with its files', async ({ ui, page }) => {
  await ui.open('full')
  await ui.show('Files')
  await row(page, /^notes\.txt/).click()
  await page.evaluate(() =>
    window.fake.files.change('d1', '', (entries) => [
      ...entries,
      { name: 'a new one.txt', kind: 'file', sizeBytes: 1, modifiedAt: 0, cachedBytes: 0, badge: 'online-only' },
    ]),
  )
  await expect(row(page, /^a new one\.txt/)).toBeVisible()
  await expect(row(page, /^notes\.txt/)).toHaveAttribute('aria-selected', 'true')
  await expect(row(page, /^notes\.txt/)).toHaveClass(/active/)
})

test('100,000 files: only what is seen is asked for and drawn, to the last one and back', async ({ ui, page }) => {
  await ui.open('many-files')
  await ui.show('Files')
  await expect(page.getByText('100,001 items')).toBeVisible()
  await filesGrid(page).focus()
  await page.keyboard.press('End')
  await expect(row(page, /^tile-099999/)).toHaveClass(/active/)
  expect(await filesGrid(page).getByRole('row').count()).toBeLessThan(50)
  await page.keyboard.press('PageUp')
  await expect(filesGrid(page).locator('.row.active')).toHaveAccessibleName(/^tile-0999/)
  await page.keyboard.press('Home')
  await expect(row(page, /^inner/)).toHaveClass(/active/)
  await filesGrid(page).evaluate((grid) => (grid.scrollTop = 38 * 50_000))
  await expect(row(page, /^tile-050000/)).toBeVisible()
  const asked = (await ui.asked('file:list')) as { count: number }[]
  expect(Math.max(...asked.map(({ count }) => count))).toBeLessThan(400)
  expect(asked.length).toBeLessThan(20)
  await page.keyboard.type('tile-0777')
  await expect(filesGrid(page).locator('.row.active')).toHaveAccessibleName(/^tile-077700/)
  await page.keyboard.press('Control+a')
  await expect(page.getByText('100,001 of 100,001 selected')).toBeVisible({ timeout: 30_000 })
})

test('rows of a first listing show as they come, and a screen reader is told of them now and then', async ({
  ui,
  page,
}) => {
  await page.clock.install()
  await ui.open('full')
  await ui.show('Files')
  await page.evaluate(() => (window.fake.files.listing = { state: 'fetching', isFirst: true }))
  const come = (count: number): Promise<void> =>
    page.evaluate((last) => {
      window.fake.files.change('d1', 'archive', () =>
        Array.from({ length: last }, (_, at) => ({
          ...{ name: `f${String(at).padStart(5, '0')}`, kind: 'file' as const, sizeBytes: 1, modifiedAt: 0 },
          ...{ cachedBytes: 0, badge: 'online-only' as const },
        })),
      )
    }, count)
  await row(page, /^archive/).dblclick()
  await expect(page.getByText('Looking what is in “archive”')).toHaveCount(1)
  const status = filesToolbar(page).getByRole('status').first()
  await come(1_000)
  await expect(row(page, /^f00000/)).toBeVisible()
  await expect(status).toHaveText(/1,000 items so far.*1,000 items so far/s)
  await come(2_000)
  await expect(status).toHaveText(/2,000 items so far.*1,000 items so far/s)
  await page.clock.runFor(5_000)
  await expect(status).toHaveText(/2,000 items so far.*2,000 items so far/s)
  await ui.look({ name: 'files-first-rows' })
  await page.evaluate(() => (window.fake.files.listing = { state: 'known' }))
  await come(2_500)
  await expect(status).toHaveText(/^\s*2,500 items\s*$/)
})
