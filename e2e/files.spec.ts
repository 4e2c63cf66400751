/** A drive browsed in the window: what it says is checked in the bucket, on the disk and in the clipboard. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Locator } from '@playwright/test'
import { picture } from './testing/pictures.ts'
import type { RunningApp } from './testing/running-app.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(300_000)
const soon = { timeout: 30_000 }

/** What the system's own dialog answers, which no test can click. */
async function answerDialog(app: RunningApp, filePaths: string[]): Promise<void> {
  await app.electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: chosen })
  }, filePaths)
}

test('a drive is browsed and searched, and its files kept, freed and shared in the window', async ({ world }) => {
  const album = randomBytes(600_000)
  await world.client.put(bucket, 'letters/2026/offer.txt', Buffer.from('Dear all'))
  await world.client.put(bucket, 'album.bin', album)
  await world.client.put(bucket, 'notes.txt', Buffer.from('One note'))
  const { app, window } = await world.startWithDrive()
  const { page } = window
  const grid = page.getByRole('grid', { name: 'Files' })
  const row = (name: RegExp): Locator => grid.getByRole('row', { name })
  const choose = async (name: RegExp, action: string): Promise<void> => {
    await row(name).click({ button: 'right' })
    await page.getByRole('menuitem', { name: action }).click()
  }

  await test.step('a card leads to the drive’s files, and folders open', async () => {
    await window.card(bucket).getByRole('button', { name: 'Browse' }).click()
    await expect(row(/^album\.bin, Online only, 600 kB/)).toBeVisible(soon)
    await row(/^letters, folder/).dblclick()
    await row(/^2026, folder/).dblclick()
    await expect(row(/^offer\.txt/)).toBeVisible(soon)
    await grid.press('Backspace')
    await grid.press('Backspace')
    await expect(row(/^notes\.txt/)).toBeVisible(soon)
  })

  await test.step('a file that another client puts shows by itself', async () => {
    await world.client.put(bucket, 'from elsewhere.txt', Buffer.from('Hello'))
    await page.getByRole('button', { name: 'Size', exact: true }).click()
    await expect(row(/^from elsewhere\.txt/)).toBeVisible({ timeout: 90_000 })
  })

  await test.step('a name is found as it is typed', async () => {
    await page.keyboard.press('Control+f')
    await page.keyboard.type('OFFER')
    await expect(row(/^offer\.txt, letters\/2026/)).toBeVisible(soon)
    await picture(app, window, 'files-search')
    await page.keyboard.press('Escape')
    await expect(row(/^notes\.txt/)).toBeVisible(soon)
  })

  await test.step('what is kept offline is here, and what is freed is not', async () => {
    await row(/^album\.bin/).click()
    await page.getByRole('button', { name: 'Keep offline' }).click()
    await expect(row(/^album\.bin, Kept offline/)).toBeVisible(soon)
    await choose(/^album\.bin/, 'Stop keeping offline')
    await expect(row(/^album\.bin, On this computer/)).toBeVisible(soon)
    await row(/^album\.bin/).click()
    await page.getByRole('button', { name: 'Free up space' }).click()
    await expect(row(/^album\.bin, Online only/)).toBeVisible(soon)
  })

  await test.step('the properties are the object’s', async () => {
    await choose(/^album\.bin/, 'Properties')
    const dialog = window.dialog('album.bin')
    await expect(dialog).toContainText('600 kB (600,000 bytes)', soon)
    await expect(dialog).toContainText(createHash('md5').update(album).digest('hex'), soon)
    await picture(app, window, 'file-properties')
    await dialog.getByRole('button', { name: 'Done' }).click()
  })

  await test.step('a link that was shared gives the file to whoever has it', async () => {
    await choose(/^album\.bin/, 'Share link…')
    await page.getByRole('radio', { name: '1 hour' }).click()
    await page.getByRole('button', { name: 'Copy link' }).click()
    await expect(page.getByRole('status').filter({ hasText: 'The link is copied.' })).toBeVisible(soon)
    await picture(app, window, 'file-share')
    await page.getByRole('button', { name: 'Done' }).click()
    const url = await app.electron.evaluate(({ clipboard }) => clipboard.readText())
    const got = Buffer.from(await (await fetch(url)).arrayBuffer())
    expect(got.equals(album)).toBe(true)
  })

  await app.quit()
})

test('files are added, downloaded, renamed and deleted in the window', async ({ world }) => {
  const album = randomBytes(600_000)
  await world.client.put(bucket, 'album.bin', album)
  await world.client.put(bucket, 'notes.txt', Buffer.from('One note'))
  const { app, window } = await world.startWithDrive()
  const { page } = window
  const row = (name: RegExp): Locator => page.getByRole('grid', { name: 'Files' }).getByRole('row', { name })
  await window.card(bucket).getByRole('button', { name: 'Browse' }).click()
  await expect(row(/^notes\.txt/)).toBeVisible(soon)

  await test.step('a file is downloaded to a folder, and one of this computer added', async () => {
    const target = await world.emptyFolder('downloads')
    await answerDialog(app, [target])
    await row(/^album\.bin/).click()
    await page.getByRole('button', { name: 'Download…' }).click()
    await expect(page.getByText('“album.bin” is downloaded')).toBeVisible(soon)
    expect((await readFile(path.join(target, 'album.bin'))).equals(album)).toBe(true)

    const added = path.join(target, 'added.txt')
    await writeFile(added, 'from this computer')
    await answerDialog(app, [added])
    await page.getByRole('button', { name: 'Upload…' }).click()
    await expect(row(/^added\.txt/)).toBeVisible(soon)
    await expect.poll(async () => String(await world.object('added.txt')), soon).toBe('from this computer')
    await writeFile(added, 'once more')
    await page.getByRole('button', { name: 'Upload…' }).click()
    const taken = window.question('This name is taken')
    await expect(taken).toBeVisible()
    await picture(app, window, 'file-name-taken')
    await taken.getByRole('button', { name: 'Replace' }).click()
    await expect.poll(async () => String(await world.object('added.txt')), soon).toBe('once more')
  })

  await test.step('a folder is made, a file renamed, and one deleted only after a question', async () => {
    await page.getByRole('button', { name: 'New folder…' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('receipts')
    await page.keyboard.press('Enter')
    await expect(row(/^receipts, folder/)).toBeVisible(soon)
    await row(/^notes\.txt/).click()
    await page.keyboard.press('F2')
    await page.getByRole('textbox', { name: 'Name' }).fill('to do.txt')
    await page.keyboard.press('Enter')
    await expect(row(/^to do\.txt/)).toBeVisible(soon)
    await expect.poll(async () => String(await world.object('to do.txt')), soon).toBe('One note')
    await row(/^to do\.txt/).click()
    await page.keyboard.press('Delete')
    await expect(window.question('Delete “to do.txt”?')).toBeVisible()
    await picture(app, window, 'file-delete-question')
    await window.question('Delete “to do.txt”?').getByRole('button', { name: 'Delete' }).click()
    await expect(row(/^to do\.txt, Will be deleted/)).toBeVisible(soon)
    await page.keyboard.press('Control+z')
    await expect(page.getByText('“to do.txt” stays where it is.')).toBeVisible(soon)
    await expect(row(/^to do\.txt, Will be deleted/)).toHaveCount(0)
    expect(String(await world.object('to do.txt'))).toBe('One note')
    await row(/^to do\.txt/).click()
    await page.keyboard.press('Delete')
    await window.question('Delete “to do.txt”?').getByRole('button', { name: 'Delete' }).click()
    await expect(row(/^to do\.txt/)).toHaveCount(0, soon)
    await expect.poll(() => world.object('to do.txt'), soon).toBeUndefined()
    expect(await world.object('notes.txt')).toBeUndefined()
  })
  await app.quit()
})
