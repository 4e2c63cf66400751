/** The window by its accessible names, as docs/design.md lists them. */
import { expect, type Locator, type Page } from '@playwright/test'

export type Screen = 'Drives' | 'Files' | 'Accounts' | 'Transfers' | 'Conflicts' | 'Activity' | 'Settings'
export type AccountEntry = { endpoint: string; accessKeyId: string; secretAccessKey: string; name?: string }
/** `account`: only where there are several. */
export type DriveEntry = { bucket: string; account?: string; folder?: string; name?: string; mountpoint?: string }

/** A mount waits for a new process, a database and the network, on a machine that may be busy. */
export const mountsWithinMs = 60_000

export class CloudMountWindow {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async on(page: Page): Promise<CloudMountWindow> {
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible({ timeout: 60_000 })
    return new CloudMountWindow(page)
  }

  async show(screen: Screen): Promise<void> {
    await this.navigation(screen).click()
    await expect(this.page.getByRole('heading', { level: 1, name: screen })).toBeVisible()
  }

  navigation(screen: Screen): Locator {
    return this.page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: screen })
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name })
  }

  question(name: string | RegExp): Locator {
    return this.page.getByRole('alertdialog', { name })
  }

  /** A drive, or an account. */
  card(name: string): Locator {
    return this.page.getByRole('article', { name, exact: true })
  }

  driveState(name: string): Locator {
    return this.card(name).getByRole('status')
  }

  testSteps(): Locator {
    return this.page.getByRole('region', { name: 'Test result' }).getByRole('listitem')
  }

  transfer(fileName: string): Locator {
    return this.page.getByRole('list', { name: 'Transfers' }).getByRole('listitem').filter({ hasText: fileName })
  }

  /** Fills the open dialog “Add account” for a service of one's own. */
  async fillAccount({ endpoint, accessKeyId, secretAccessKey, name }: AccountEntry): Promise<Locator> {
    const dialog = this.dialog('Add account')
    await dialog.getByRole('radio', { name: 'Other', exact: true }).click()
    await dialog.getByRole('textbox', { name: 'Endpoint' }).fill(endpoint)
    await dialog.getByRole('textbox', { name: 'Access key' }).fill(accessKeyId)
    await dialog.getByLabel('Secret key').fill(secretAccessKey)
    if (name !== undefined) await dialog.getByRole('textbox', { name: 'Name (optional)' }).fill(name)
    return dialog
  }

  async addAccount(entry: AccountEntry): Promise<void> {
    await this.show('Accounts')
    await this.page.getByRole('button', { name: 'Add account' }).click()
    const dialog = await this.fillAccount(entry)
    await dialog.getByRole('button', { name: 'Add account' }).click()
    await expect(dialog).toBeHidden({ timeout: 30_000 })
  }

  /** Fills the open dialog “Add drive” and sends it; the bucket is picked from the list. */
  async fillDrive({ bucket, account, folder, name, mountpoint }: DriveEntry): Promise<Locator> {
    const dialog = this.dialog('Add drive')
    if (account !== undefined) {
      await dialog.getByRole('combobox', { name: 'Account' }).click()
      await dialog.getByRole('option', { name: account }).click()
    }
    await dialog.getByRole('option', { name: bucket, exact: true }).click({ timeout: 30_000 })
    if (folder !== undefined)
      await dialog.getByRole('textbox', { name: 'Folder in the bucket (optional)' }).fill(folder)
    if (name !== undefined) await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
    if (mountpoint !== undefined) await dialog.getByRole('textbox', { name: 'Mount at' }).fill(mountpoint)
    return dialog
  }

  async addDrive(entry: DriveEntry): Promise<void> {
    await this.show('Drives')
    await this.page.getByRole('button', { name: 'Add drive' }).click()
    const dialog = await this.fillDrive(entry)
    await dialog.getByRole('button', { name: 'Add and mount' }).click()
    await expect(dialog).toBeHidden({ timeout: 30_000 })
  }

  async driveIsMounted(name: string): Promise<void> {
    const card = this.card(name)
    await expect(card.getByRole('button', { name: 'Unmount', exact: true })).toBeVisible({ timeout: mountsWithinMs })
    await expect(this.driveState(name)).not.toContainText('Restarting')
  }

  async everythingIsUploaded(name: string): Promise<void> {
    await expect(this.driveState(name)).toContainText('Everything is in the bucket.', { timeout: mountsWithinMs })
  }

  /** Every state a drive was in from now on, also one too short to be caught by looking. Resolves to the function that tells. */
  async recordStatesOf(name: string): Promise<() => Promise<string[]>> {
    const records = await this.driveState(name).evaluateHandle((found) => {
      const { MutationObserver } = globalThis as unknown as PageGlobals
      const element = found as unknown as { textContent: string }
      const said = [element.textContent]
      const observer = new MutationObserver(() => said.push(element.textContent))
      observer.observe(element, { childList: true, characterData: true, subtree: true })
      return said
    })
    return () => records.jsonValue()
  }
}

/** The tests run in Node, whose types know nothing of a page. */
type PageGlobals = {
  MutationObserver: new (changed: () => void) => { observe(element: unknown, options: Record<string, boolean>): void }
}
