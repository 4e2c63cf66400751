/** The tray's menu, as the application builds it: no desktop of a test machine shows one. */
import type { ElectronApplication } from '@playwright/test'

type Item = { label: string; submenu?: { items: Item[] }; click: () => void }
type Seen = { menu?: { items: Item[] }; shown: string[] }

export class TrayMenu {
  readonly #electron: ElectronApplication

  private constructor(electron: ElectronApplication) {
    this.#electron = electron
  }

  /** From the next change of the menu on; files are only noted instead of shown in a file manager. */
  static async of(electron: ElectronApplication): Promise<TrayMenu> {
    await electron.evaluate(({ Menu, shell }) => {
      const seen: Seen = { shown: [] }
      Object.assign(globalThis, { seenTray: seen })
      const build = Menu.buildFromTemplate.bind(Menu)
      Menu.buildFromTemplate = (template) => {
        const menu = build(template)
        if (menu.items.some(({ label }) => label === 'Open CloudMount'))
          seen.menu = menu as unknown as Seen['menu'] & object
        return menu
      }
      shell.showItemInFolder = (path) => void seen.shown.push(path)
    })
    return new TrayMenu(electron)
  }

  /** Of the menu itself, or of the one below this label. */
  labels(below?: string): Promise<string[]> {
    return this.#electron.evaluate((_electron, label) => {
      const { menu } = (globalThis as unknown as { seenTray: Seen }).seenTray
      const items = label === undefined ? menu?.items : menu?.items.find((item) => item.label === label)?.submenu?.items
      return items?.map((item) => item.label) ?? []
    }, below)
  }

  async choose(below: string, label: string): Promise<void> {
    await this.#electron.evaluate(
      (_electron, wanted) => {
        const { menu } = (globalThis as unknown as { seenTray: Seen }).seenTray
        const items = menu?.items.find((item) => item.label === wanted.below)?.submenu?.items
        items?.find((item) => item.label === wanted.label)?.click()
      },
      { below, label },
    )
  }

  shownFiles(): Promise<string[]> {
    return this.#electron.evaluate(() => (globalThis as unknown as { seenTray: Seen }).seenTray.shown)
  }
}
