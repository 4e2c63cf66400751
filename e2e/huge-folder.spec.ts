/** 100,000 objects and 10,000 files in the queue, in the window and for a program at the same time. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { fillBucket } from '../demo-server/many-objects.ts'
import { paintedAfter } from './testing/paint-time.ts'
import type { Screen } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(400_000)
const objects = 100_000
const queued = 10_000
const screens: readonly Screen[] = ['Transfers', 'Drives', 'Files', 'Conflicts', 'Accounts', 'Activity', 'Settings']
const listed = { timeout: 120_000 }
const soon = { timeout: 30_000 }

test('a folder of 100,000 objects is opened, gone through and searched, while programs use it', async ({ world }) => {
  await fillBucket(world.server.storage, bucket, objects, objects)
  const { app, window, mountpoint } = await world.startWithDrive()
  const { page } = window

  await test.step('for the first time, from the bucket', async () => {
    await window.card(bucket).getByRole('button', { name: 'Browse' }).click()
    await expect(rowOf(page, /^d0000, folder/)).toBeVisible(listed)
    say('the first rows of the first listing', await paintedAfter(page, openingTheFolder))
    await expect(page.getByText('100,000 items', { exact: true })).toBeVisible(listed)
    await expect(rowOf(page, /^f2,/)).toBeVisible()
    expect(await readFile(path.join(mountpoint, 'd0000', 'f99999'), 'utf8')).toContain('object')
  })

  await test.step('to its end, and what a name is found by', async () => {
    await page.getByRole('grid', { name: 'Files' }).press('End')
    await expect(rowOf(page, /^f99999,/)).toBeVisible(soon)
    await page.getByRole('searchbox', { name: 'Search' }).fill('f9999')
    await expect(page.getByText('11 found.', { exact: true })).toBeVisible(listed)
    await page.getByRole('searchbox', { name: 'Search' }).fill('f')
    await expect(page.getByText('The first 500 found; type more to find others.')).toBeVisible(soon)
    await page.getByRole('searchbox', { name: 'Search' }).press('Escape')
  })
  await app.quit()

  await test.step('again after a start, from the index', async () => {
    const again = await world.start()
    const second = await again.window()
    await second.driveIsMounted(bucket)
    await second.card(bucket).getByRole('button', { name: 'Browse' }).click()
    await expect(rowOf(second.page, /^d0000, folder/)).toBeVisible(soon)
    say(`a folder of ${objects.toLocaleString('en')}`, await paintedAfter(second.page, openingTheFolder))
    await expect(second.page.getByText('100,000 items', { exact: true })).toBeVisible(listed)
    await expect(rowOf(second.page, /^f2,/)).toBeVisible(soon)

    await test.step('every screen, with 10,000 files in the queue', async () => {
      world.holdUploads()
      const many = path.join(mountpoint, 'many')
      await mkdir(many)
      const numbers = Array.from({ length: queued }, (_none, index) => index)
      const write = async (): Promise<void> => {
        for (let next = numbers.pop(); next !== undefined; next = numbers.pop())
          await writeFile(path.join(many, `queued ${next}.txt`), 'content')
      }
      await Promise.all(Array.from({ length: 8 }, write))
      await expect(second.navigation('Transfers')).toContainText('10,001', listed)
      for (const round of [1, 2]) {
        for (const screen of screens) say(`${screen} (${round})`, await paintedAfter(second.page, opening(screen)))
      }
      await second.show('Transfers')
      await expect(second.page.getByRole('radio', { name: 'Waiting' })).toContainText(/9,9\d\d/)
    })
  })
})

/** With the key that opens the folder in focus. */
const openingTheFolder = {
  act: `document.querySelector('[role=grid]').focus()
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))`,
  isThere: `[...document.querySelectorAll('[role=row]')].some((row) => /f0\\b/.test(row.textContent))`,
}

function opening(screen: Screen): { act: string; isThere: string } {
  return {
    act: `[...document.querySelectorAll('nav button')].find((one) => one.textContent.includes('${screen}')).click()`,
    isThere: `document.querySelector('h1')?.textContent === '${screen}'`,
  }
}

/** Said and not asserted: it is the machine's as much as ours. */
function say(what: string, ms: number): void {
  console.log(`painted after ${ms.toFixed(0)} ms: ${what}`)
}

function rowOf(page: Page, name: RegExp): Locator {
  return page.getByRole('grid', { name: 'Files' }).getByRole('row', { name })
}
