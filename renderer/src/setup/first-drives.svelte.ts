import type { Drive } from '../../../contracts/drive.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { Application } from '../state/application.svelte.ts'

export type EntryState =
  { state: 'waiting' | 'mounting' | 'mounted' | 'added' | 'stopped' } | { state: 'failed'; problem: Problem }

/** A drive on its way; its id is empty until it was added. */
export type Entry = { drive: Drive } & EntryState

/** Adds drives and mounts them, one after the other: one that fails is told, and the others go on. */
export class FirstDrives {
  entries = $state.raw<readonly Entry[]>([])
  isRunning = $state(false)
  readonly #application: Application
  #isStopped = false

  constructor(application: Application) {
    this.#application = application
  }

  clear(): void {
    this.#isStopped = true
    this.entries = []
  }

  begin(drives: readonly Drive[]): Promise<void> {
    this.entries = drives.map((drive) => ({ drive, state: 'waiting' }))
    return this.#run()
  }

  /** What failed, and what was not begun. */
  retry(): Promise<void> {
    this.entries = this.entries.map(({ drive, ...at }) => ({
      drive,
      ...(at.state === 'failed' || at.state === 'stopped' ? { state: 'waiting' as const } : at),
    }))
    return this.#run()
  }

  /** After the one that is being mounted. */
  stop(): void {
    this.#isStopped = true
  }

  async #run(): Promise<void> {
    if (this.isRunning) return
    this.isRunning = true
    this.#isStopped = false
    for (let at = 0; at < this.entries.length; at += 1) {
      if (this.entries[at]?.state === 'waiting') await this.#take(at)
    }
    this.isRunning = false
  }

  async #take(at: number): Promise<void> {
    const entry = this.entries[at]
    if (!entry) return
    if (this.#isStopped) {
      this.#set(at, entry.drive, { state: 'stopped' })
      return
    }
    this.#set(at, entry.drive, { state: 'mounting' })
    const added =
      entry.drive.id === '' ? await this.#application.request('drive:save', { drive: entry.drive }) : undefined
    if (added && !added.ok) {
      this.#set(at, entry.drive, { state: 'failed', problem: added.problem })
      return
    }
    const drive = added ? added.result.drive : entry.drive
    if (this.#application.mountBlocker) {
      this.#set(at, drive, { state: 'added' })
      return
    }
    const mounted = await this.#application.request('drive:mount', { id: drive.id })
    this.#set(at, drive, mounted.ok ? { state: 'mounted' } : { state: 'failed', problem: mounted.problem })
  }

  #set(at: number, drive: Drive, state: EntryState): void {
    this.entries = this.entries.map((entry, other) => (other === at ? { drive, ...state } : entry))
  }
}
