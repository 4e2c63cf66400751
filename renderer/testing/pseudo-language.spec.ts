/**
 * Nothing that a person reads is said outside the language file: the window is shown in a language that puts every text in brackets, and what
 * stands outside them has to be data: what main told, or a number, an amount or a time.
 */
import { expect, type Page } from '@playwright/test'
import type { ScenarioName } from './scenarios.ts'
import { test, type WindowPage } from './window-page.ts'

const screens = ['Drives', 'Files', 'Accounts', 'Transfers', 'Conflicts', 'Activity', 'Settings'] as const
const scenarios: ScenarioName[] = ['full', 'errors', 'trouble', 'signed-out', 'conflict-states', 'blocked-first-run']

for (const scenario of scenarios) {
  test(`no text is left outside the language file: ${scenario}`, async ({ ui, page }) => {
    await openInBrackets(ui, page, scenario)
    for (const screen of screens) {
      await page
        .getByRole('navigation')
        .getByRole('button', { name: `⟦${screen}⟧` })
        .click()
      await expect(page.getByRole('heading', { level: 1, name: `⟦${screen}⟧` })).toBeVisible()
      expect.soft(await outside(page), screen).toEqual([])
    }
  })
}

test('no text is left outside the language file: menus and dialogs', async ({ ui, page }) => {
  await openInBrackets(ui, page, 'full')
  const layer = page.getByRole('dialog').or(page.getByRole('alertdialog')).or(page.getByRole('menu'))
  const click = (name: string): Promise<void> =>
    page
      .getByRole('button', { name: `⟦${name}⟧` })
      .first()
      .click()
  const look = async (name: string, open: () => Promise<void>): Promise<void> => {
    await open()
    await expect(layer.first()).toBeVisible()
    expect.soft(await outside(page), name).toEqual([])
    await page.keyboard.press('Escape')
    await expect(layer).toHaveCount(0)
  }
  const menuOfDrive = (): Promise<void> => page.getByRole('article').first().getByRole('button').last().click()

  await look('Add drive', () => click('Add drive'))
  await look('the menu of a drive', menuOfDrive)
  for (const item of ['Keep offline…', 'Versions…', 'Deleted files…', 'Edit…', 'Remove…']) {
    await look(item, async () => {
      await menuOfDrive()
      await page.getByRole('menuitem', { name: `⟦${item}⟧` }).click()
    })
  }
  await click('Accounts')
  for (const name of ['Add account', 'Import…', 'Test', 'Edit', 'Remove']) await look(name, () => click(name))
  await click('Files')
  await look('New folder', () => click('New folder…'))
  await page.getByRole('row').nth(6).click()
  for (const item of ['Properties', 'Share link…', 'Versions…', 'Rename…', 'Delete…']) {
    await look(item, async () => {
      await page.getByRole('row').nth(6).click({ button: 'right' })
      await page.getByRole('menuitem', { name: `⟦${item}⟧` }).click()
    })
  }
  await click('Settings')
  for (const name of ['Show bundle…', 'Change…']) await look(name, () => click(name))

  await openInBrackets(ui, page, 'conflicts')
  await click('Conflicts')
  await page
    .getByRole('button', { name: /⟦Compare “?2026-11-20 budget/ })
    .first()
    .click()
  await expect(page.getByRole('button', { name: '⟦Keep mine⟧' })).toBeVisible()
  expect.soft(await outside(page), 'a comparison').toEqual([])
})

test('a text outside it would be found', async ({ ui, page }) => {
  await openInBrackets(ui, page, 'full')
  await page.evaluate(() => document.querySelector('h1')?.append(' and more'))
  expect(await outside(page)).toEqual(['and more'])
})

async function openInBrackets(ui: WindowPage, page: Page, scenario: ScenarioName): Promise<void> {
  await ui.open(scenario)
  await page.evaluate(() => {
    const { fake } = window
    const told = [JSON.stringify(fake.state)]
    Object.assign(window, { told })
    const request = fake.request.bind(fake)
    fake.request = async (name, params) => {
      const reply = await request(name, params)
      told.push(JSON.stringify(reply), JSON.stringify(params))
      return reply
    }
    fake.emit({ kind: 'settings:changed', settings: { ...fake.state.settings, language: 'en-XA' } })
  })
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA')
}

/** What is said on the page, also to a screen reader, and neither in brackets nor data. */
async function outside(page: Page): Promise<string[]> {
  const { said, data } = await page.evaluate(() => {
    const said: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement
      if (element === null || element.closest('script, style, .cm-editor') !== null) continue
      if (node instanceof Text) said.push(node.data)
      else
        for (const name of ['aria-label', 'aria-description', 'title', 'placeholder', 'alt'])
          said.push(element.getAttribute(name) ?? '')
    }
    return { said, data: (window as unknown as { told: string[] }).told.join('\n') }
  })
  const plainData = data.replaceAll('\\"', '"').replaceAll('\\n', '\n')
  const isData = (part: string): boolean => plainData.includes(part.replace(/^“|”$/g, '').replace(/…$/, ''))
  return [...new Set(said.flatMap(partsOutside))].filter(
    (part) => /\p{L}/u.test(part) && !notWords.some((kind) => kind.test(part)) && !brands.has(part) && !isData(part),
  )
}

/** A row is said with its columns one after the other, and a problem with its sentences. */
function partsOutside(text: string): string[] {
  let rest = text.replace(/[\u200b-\u200f\u2066-\u2069]/g, '')
  let before = ''
  while (before !== rest) {
    before = rest
    rest = rest.replace(/⟦[^⟦⟧]*⟧/g, ' ')
  }
  return rest.split(/[:,]\s|(?<=\.)\s|\s[·/]\s/).map((part) => part.replace(/^[:,\s]+|[,\s]+$/g, ''))
}

const brands = new Set([
  'Amazon S3',
  'Cloudflare R2',
  'Backblaze B2',
  'Wasabi',
  'MinIO',
  'DigitalOcean Spaces',
  'Google Cloud Storage',
  'Ceph',
])

const notWords = [
  /^[\d.,:\s]*(bytes?|[kMGT]?B(\/s)?|%|AM|PM|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*)?[\d.,:\s]*(AM|PM)?$/,
  // An address, a path, a region, or the name of a file.
  /^\S+[./:-]\S+$/,
  // The key of a shortcut.
  /^\(?\p{L}\)?$/u,
]
