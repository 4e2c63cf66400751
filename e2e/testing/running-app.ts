/** The built application, started as a person starts it, with a settings folder and a home of its own. */
import { _electron, expect, type ElectronApplication, type Page } from '@playwright/test'
import type { ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { descendantsOf, isRunning, kill } from './processes.ts'
import { CloudMountWindow } from './window.ts'

export const projectRoot = path.resolve(import.meta.dirname, '../..')

/** Chromium refuses its sandbox to root. */
const rootArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const endsWithinMs = 60_000

export type Places = { home: string; userData: string }

export class RunningApp {
  readonly electron: ElectronApplication
  /** Playwright forgets it as soon as it has ended. */
  readonly #process: ChildProcess

  private constructor(electron: ElectronApplication) {
    this.electron = electron
    this.#process = electron.process()
  }

  static async start({ home, userData }: Places, environment: Record<string, string> = {}): Promise<RunningApp> {
    await mkdir(userData, { recursive: true })
    const electron = await _electron.launch({
      args: [...rootArguments, projectRoot, `--user-data-dir=${userData}`],
      env: { ...definedOf(process.env), HOME: home, ...environment },
      timeout: 60_000,
    })
    return new RunningApp(electron)
  }

  async window(): Promise<CloudMountWindow> {
    return CloudMountWindow.on(await this.electron.firstWindow({ timeout: 60_000 }))
  }

  /** A PNG of the window's page as it is painted; Playwright's own cuts it off at another zoom. */
  async capture(): Promise<Buffer> {
    const encoded = await this.electron.evaluate(async ({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return (await window?.webContents.capturePage())?.toPNG().toString('base64')
    })
    return Buffer.from(encoded ?? '', 'base64')
  }

  windowCount(): Promise<number> {
    return this.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
  }

  /** As the window's own button does it. */
  async closeWindow(): Promise<void> {
    await this.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().forEach((each) => each.close()))
    await expect.poll(() => this.windowCount(), { timeout: 30_000 }).toBe(0)
  }

  /** The application started a second time: it ends, and the first one shows its window. */
  async showAgain(): Promise<CloudMountWindow> {
    const shown: Promise<Page> = this.electron.waitForEvent('window', { timeout: 60_000 })
    await this.electron.evaluate(({ app }) => app.emit('second-instance'))
    return CloudMountWindow.on(await shown)
  }

  /** What “Quit” in the tray and in the menu does. */
  async askToQuit(): Promise<void> {
    await this.electron.evaluate(({ app }) => app.quit()).catch(() => undefined)
  }

  async ended(): Promise<void> {
    await expect.poll(() => this.hasEnded(), { timeout: endsWithinMs, message: 'the app to end' }).toBe(true)
  }

  hasEnded(): boolean {
    const { exitCode, signalCode } = this.#process
    return exitCode !== null || signalCode !== null
  }

  async quit(): Promise<void> {
    await this.askToQuit()
    await this.ended()
  }

  /** The processes that serve drives; one that tests an account looks the same while it runs. */
  async workerPids(): Promise<number[]> {
    return this.electron.evaluate(({ app }) =>
      app
        .getAppMetrics()
        .filter(({ type, name }) => type === 'Utility' && name === 'CloudMount drive')
        .map(({ pid }) => pid),
    )
  }

  /** As the system does when it shuts down. */
  terminate(): void {
    const { pid } = this.#process
    if (pid !== undefined && !this.hasEnded()) kill(pid, 'SIGTERM')
  }

  /** As the system does when memory runs out: only the app itself is killed. Resolves when nothing it started is left. */
  async kill(justBefore: () => void): Promise<void> {
    const { pid } = this.#process
    if (pid === undefined) throw new Error('the app never started')
    const family = await descendantsOf(pid)
    justBefore()
    kill(pid)
    await this.ended()
    await expect
      .poll(() => family.filter(isRunning), { timeout: endsWithinMs, message: 'what it started to end' })
      .toEqual([])
  }

  /** Whatever state it is in: asked first, then made to. */
  async destroy(): Promise<void> {
    const { pid } = this.#process
    if (pid === undefined || this.hasEnded()) return
    const family = await descendantsOf(pid)
    this.terminate()
    await this.ended().catch(() => kill(pid))
    for (const child of family) kill(child)
  }
}

function definedOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
