import AxeBuilder from '@axe-core/playwright'
import { expect, test as base } from '@playwright/test'
import type { Page } from '@playwright/test'
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

  constructor(page: Page) {
    this.page = page
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(error.message))
  }

  async open(scenario: ScenarioName, options: { isLive?: boolean } = {}): Promise<void> {
    await this.page.goto(`/testing/preview.html?scenario=${scenario}${options.isLive ? '&live' : ''}`)
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
    const { violations } = await new AxeBuilder({ page: this.page }).setLegacyMode(true).analyze()
    const findings = violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    )
    expect.soft(findings).toEqual([])
  }

  async lookBothWays(name: string): Promise<void> {
    await this.look({ name })
    await this.look({ name, isDark: true })
  }
}

export const test = base.extend<{ ui: WindowPage }>({
  ui: async ({ page }, use) => {
    const ui = new WindowPage(page)
    await use(ui)
    expect(ui.complaints).toEqual([])
  },
})
