/** From the empty window to a file in the bucket, without a pointer: only keys, and only what has the focus. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { isMounted } from './testing/processes.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(180_000)

test('the first run, with the keyboard only', async ({ world }) => {
  const app = await world.start()
  const { page } = await app.window()
  // The file manager of this test: opening is asked of the system, and nobody is there to answer.
  await app.electron.evaluate(({ shell }) => {
    const opened: string[] = []
    shell.openPath = (folder) => {
      opened.push(folder)
      return Promise.resolve('')
    }
    Object.assign(globalThis, { opened })
  })
  await expect(page.getByRole('heading', { name: 'Welcome to CloudMount' })).toBeVisible()

  await test.step('an account is added', async () => {
    await tabTo(page, 'Add an account')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'Add account' })).toBeVisible()
    await tabTo(page, 'Amazon S3')
    // The choice of a service is one stop: arrows move in it, backwards to the last.
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => focused(page)).toBe('Other')
    await page.keyboard.press('Space')
    await typeInto(page, 'Endpoint', world.account.endpoint)
    await typeInto(page, 'Access key', world.account.accessKeyId)
    await typeInto(page, 'Secret key', world.account.secretAccessKey)
    // Enter in a field tests the account, and adds it when that passed.
    await page.keyboard.press('Enter')
  })

  await test.step('the bucket that the test found is chosen and mounted', async () => {
    await expect(page.getByRole('dialog', { name: 'Choose what to mount' })).toBeVisible({ timeout: 30_000 })
    await tabTo(page, bucket)
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page), { timeout: mountsWithinMs }).toBe('Open folder')
    await page.keyboard.press('Enter')
  })

  const mountpoint = path.join(world.home, 'CloudMount', bucket)
  await test.step('its folder is opened, and what is saved there reaches the bucket', async () => {
    await expect
      .poll(() => app.electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened))
      .toEqual([mountpoint])
    expect(await isMounted(mountpoint)).toBe(true)
    const sent = randomBytes(100_000)
    await writeFile(path.join(mountpoint, 'letter.bin'), sent)
    await expect
      .poll(async () => sent.equals((await world.object('letter.bin')) ?? Buffer.alloc(0)), { timeout: mountsWithinMs })
      .toBe(true)
  })

  await test.step('the window says so, and is still worked by keys', async () => {
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await page.keyboard.press('Control+4')
    await expect(page.getByRole('heading', { level: 1, name: 'Transfers' })).toBeFocused()
    await expect(page.getByRole('listitem').filter({ hasText: 'letter.bin' })).toContainText('Uploaded')
  })
})

/** What a screen reader would call it, near enough. */
function focused(page: Page): Promise<string> {
  return page.evaluate(`(() => {
    const active = document.activeElement
    const label = active?.getAttribute('aria-label') ?? active?.labels?.[0]?.textContent ?? active?.textContent ?? ''
    return label.replace(/\\s+/g, ' ').trim()
  })()`)
}

async function tabTo(page: Page, name: string, isField = false): Promise<void> {
  const passed: string[] = []
  while (passed.length < 60) {
    const here = await focused(page)
    const isHere = here === name || here.startsWith(`${name} (`)
    // A choice may be called like the field it opens.
    if (isHere && (!isField || (await page.evaluate(`document.activeElement.tagName === 'INPUT'`)))) return
    passed.push(here)
    await page.keyboard.press('Tab')
  }
  throw new Error(`“${name}” was not reached by Tab, which passed ${passed.join(', ')}`)
}

async function typeInto(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, name, true)
  await page.keyboard.type(text)
}
