/** Files being copied between the drive and other places of this computer, each shown as one transfer while it is. */
import type { Transfer, TransferState } from '../../contracts/transfer.ts'
import type { Clock } from '../runtime/clock.ts'

export type CopyProgress = {
  signal: AbortSignal
  /** There is so much more to copy than was known. */
  found(bytes: number): void
  copied(bytes: number): void
}

type Copy = Pick<Transfer, 'id' | 'kind' | 'path' | 'sizeBytes' | 'doneBytes' | 'queuedAt'> & { abort: () => void }

export const isCopyId = (transferId: string): boolean => transferId.startsWith('files-')

export class Copies {
  readonly #driveId: string
  readonly #clock: Clock
  readonly #onChange: (id: string, describe: () => Transfer) => void
  readonly #running = new Map<string, Copy>()
  #count = 0

  /** `onChange`: `describe` is called when the change is handed on. */
  constructor(options: { driveId: string; clock: Clock; onChange: (id: string, describe: () => Transfer) => void }) {
    this.#driveId = options.driveId
    this.#clock = options.clock
    this.#onChange = options.onChange
  }

  async run<T>(kind: 'upload' | 'download', path: string, work: (progress: CopyProgress) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const { signal } = controller
    const id = `files-${++this.#count}`
    const copy: Copy = {
      ...{ id, kind, path, sizeBytes: 0, doneBytes: 0, queuedAt: this.#clock.now() },
      abort: () => controller.abort(),
    }
    this.#running.set(id, copy)
    const changed = (): void => this.#onChange(id, () => this.#transferOf(copy))
    try {
      return await work({
        signal,
        found: (bytes) => {
          copy.sizeBytes += bytes
          changed()
        },
        copied: (bytes) => {
          copy.doneBytes += bytes
          changed()
        },
      })
    } finally {
      this.#running.delete(id)
      const finishedAt = this.#clock.now()
      const last = this.#transferOf(copy, { state: signal.aborted ? 'cancelled' : 'done', finishedAt })
      this.#onChange(id, () => last)
    }
  }

  cancel(id: string): void {
    this.#running.get(id)?.abort()
  }

  transfers(): Transfer[] {
    return [...this.#running.values()].map((copy) => this.#transferOf(copy))
  }

  close(): void {
    for (const { abort } of this.#running.values()) abort()
  }

  #transferOf({ abort: _abort, ...copy }: Copy, status?: TransferState): Transfer {
    const seconds = Math.max(1, this.#clock.now() - copy.queuedAt) / 1000
    const running: TransferState = { state: 'running', bytesPerSecond: copy.doneBytes / seconds }
    return { ...copy, driveId: this.#driveId, attempts: 0, status: status ?? running, stops: 'by-cancel' }
  }
}
