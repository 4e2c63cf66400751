/** Versions being saved to other places of this computer, shown as transfers while they are. */
import type { Transfer, TransferState } from '../../contracts/transfer.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ObjectStore } from '../s3/store.ts'
import type { VersionFile } from './version-file.ts'
import { writeVersionFile } from './version-file.ts'

export type SavesOptions = {
  driveId: string
  store: ObjectStore
  clock: Clock
  signal: AbortSignal
  /** `describe` is called when the change is handed on. */
  onChange: (id: string, describe: () => Transfer) => void
}

type Save = { id: string; path: string; startedAtMs: number; sizeBytes: number; doneBytes: number; abort: () => void }

export const isSaveId = (transferId: string): boolean => transferId.startsWith('version-')

const savedFileMode = 0o644

export class Saves {
  readonly #options: SavesOptions
  readonly #saves = new Map<string, Save>()
  #count = 0

  constructor(options: SavesOptions) {
    this.#options = options
  }

  /** Throws StoreError (`cancelled` when the person called it back) and ProblemError. */
  async save(path: string, file: Pick<VersionFile, 'key' | 'versionId' | 'target'>): Promise<void> {
    const { store, clock, signal } = this.#options
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    signal.addEventListener('abort', abort, { once: true })
    const id = `version-${++this.#count}`
    const save: Save = { id, path, startedAtMs: clock.now(), sizeBytes: 0, doneBytes: 0, abort }
    this.#saves.set(id, save)
    try {
      await writeVersionFile(store, {
        ...file,
        mode: savedFileMode,
        signal: controller.signal,
        onHead: ({ sizeBytes }) => (save.sizeBytes = sizeBytes),
        onProgress: (writtenBytes) => {
          save.doneBytes = writtenBytes
          this.#changed(save)
        },
      })
      this.#ended(save, 'done')
    } catch (error) {
      this.#ended(save, 'cancelled')
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  cancel(id: string): void {
    this.#saves.get(id)?.abort()
  }

  transfers(): Transfer[] {
    return [...this.#saves.values()].map((save) => this.#transferOf(save))
  }

  #changed(save: Save): void {
    this.#options.onChange(save.id, () => this.#transferOf(save))
  }

  #ended(save: Save, state: 'done' | 'cancelled'): void {
    this.#saves.delete(save.id)
    const last = this.#transferOf(save, { state, finishedAt: this.#options.clock.now() })
    this.#options.onChange(save.id, () => last)
  }

  #transferOf(save: Save, status?: TransferState): Transfer {
    const { id, path, sizeBytes, doneBytes, startedAtMs } = save
    const seconds = Math.max(1, this.#options.clock.now() - startedAtMs) / 1000
    return {
      ...{ id, driveId: this.#options.driveId, kind: 'download', path, sizeBytes, doneBytes, attempts: 0 },
      queuedAt: startedAtMs,
      status: status ?? { state: 'running', bytesPerSecond: doneBytes / seconds },
      stops: 'by-cancel',
    }
  }
}
