import { _electron, expect, test as base } from '@playwright/test'
import type { ElectronApplication, Page } from '@playwright/test'
import path from 'node:path'
import { preview } from 'vite'
import { accessibilityFindings, darkRules } from '../../build/testing/accessibility.ts'
import { withOwnDesktop } from '../../build/testing/own-desktop.ts'
import type { FakeBridge } from './fake-bridge.ts'
import type { ScenarioName } from './scenarios.ts'

declare global {
  interface Window {
    readonly fake: FakeBridge
  }
}

type Look = { name: string; isDark?: boolean }

/** The window in a browser: every test fails if it breaks its own content security policy or logs an error. */
export class WindowPage {
  readonly page: Page
  readonly complaints: string[] = []
  readonly #server: string

  constructor(page: Page, server: string) {
    this.page = page
    this.#server = server
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(error.message))
  }

  async open(scenario: ScenarioName, options: { isLive?: boolean } = {}): Promise<void> {
    await this.page.goto(`${this.#server}testing/preview.html?scenario=${scenario}${options.isLive ? '&live' : ''}`)
    await expect(this.page.getByRole('navigation').or(this.page.getByRole('alert')).first()).toBeVisible()
  }

  async show(
    screen: 'Drives' | 'Files' | 'Accounts' | 'Transfers' | 'Conflicts' | 'Activity' | 'Settings',
  ): Promise<void> {
    await this.page.getByRole('button', { name: screen, exact: true }).click()
    await expect(this.page.getByRole('heading', { level: 1, name: screen })).toBeVisible()
  }

  drive(name: string) {
    return this.page.getByRole('article', { name, exact: true })
  }

  asked(name: string): Promise<unknown[]> {
    return this.page.evaluate(
      (wanted) => window.fake.asked.filter((one) => one.name === wanted).map((one) => one.params),
      name,
    )
  }

  /** A picture for a person to look at, and the accessibility rules for a machine. */
  async look({ name, isDark = false }: Look): Promise<void> {
    await this.page.emulateMedia({ colorScheme: isDark ? 'dark' : 'light', reducedMotion: 'reduce' })
    await expect(this.page.locator('html')).toHaveAttribute('data-theme', isDark ? 'dark' : 'light')
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    await this.page.screenshot({ path: `test-results/window-pictures/${name}-${isDark ? 'dark' : 'light'}.png` })
    expect.soft(await accessibilityFindings(this.page, isDark ? darkRules : undefined)).toEqual([])
  }

  async lookBothWays(name: string): Promise<void> {
    await this.look({ name })
    await this.look({ name, isDark: true })
  }
}

/** Chromium refuses its sandbox to root. */
const rootArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const size = { width: 1040, height: 720 }

async function newPage(browser: ElectronApplication): Promise<Page> {
  const opened = browser.waitForEvent('window')
  await browser.evaluate(({ BrowserWindow }, { width, height }) => {
    void new BrowserWindow({ width, height, useContentSize: true }).loadURL('about:blank')
  }, size)
  const page = await opened
  await page.setViewportSize(size)
  return page
}

const browser = path.join(import.meta.dirname, 'browser')
const launchBrowser = (): Promise<ElectronApplication> => _electron.launch({ args: [...rootArguments, browser] })

/** The page is one of Electron, the only browser the window will ever meet; every test has a window of its own. */
export const test = base.extend<
  { ui: WindowPage; hasOwnBrowser: boolean },
  { desktop: undefined; browserApp: ElectronApplication; server: string }
>({
  // Playwright reads a fixture's needs from this pattern.
  // eslint-disable-next-line no-empty-pattern
  desktop: [async ({}, use) => withOwnDesktop(use), { scope: 'worker' }],
  browserApp: [
    async ({ desktop: _desktop }, use) => {
      const app = await launchBrowser()
      await use(app)
      await app.close()
    },
    { scope: 'worker' },
  ],
  server: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const configFile = path.join(import.meta.dirname, 'vite.config.ts')
      const server = await preview({ configFile, logLevel: 'warn', preview: { host: '127.0.0.1', port: 0 } })
      await use(server.resolvedUrls?.local[0] ?? '')
      await server.close()
    },
    { scope: 'worker' },
  ],
  /** For who sets the clock: it is set for every later page of the browser. */
  hasOwnBrowser: [false, { option: true }],
  page: async ({ browserApp, hasOwnBrowser }, use) => {
    const own = hasOwnBrowser ? await launchBrowser() : undefined
    const page = await newPage(own ?? browserApp)
    await use(page)
    await (own ?? page).close()
  },
  ui: async ({ page, server }, use) => {
    const ui = new WindowPage(page, server)
    await use(ui)
    expect(ui.complaints).toEqual([])
  },
})
