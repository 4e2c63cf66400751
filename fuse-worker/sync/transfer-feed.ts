/**
 * The transfers a person sees: journal operations and downloads under way, with progress. Changes are gathered and handed on at
 * most ten times a second, so that a burst costs the window one message. Finished ones are reported once and forgotten.
 */
import type { Transfer, TransferKind, TransferState } from '../../contracts/transfer.ts'
import type { Journal, JournalObserver } from '../journal/journal.ts'
import { isHeld, type Operation } from '../journal/operation.ts'
import type { NodeId } from '../metadata/node.ts'
import type { Clock } from '../runtime/clock.ts'
import type { DownloadObserver } from './downloads.ts'

const intervalMs = 100
/** A download this small is over before anybody could look at it. */
const smallestShownBytes = 1024 * 1024

type Progress = { doneBytes: number; bytesPerSecond: number; measuredAtMs: number; measuredBytes: number }
type DownloadEntry = Progress & { id: string; startedAtMs: number; parts: number }

export type Described = { path: string; sizeBytes: number; isCopy: boolean; isFolder: boolean }

export class TransferFeed implements JournalObserver, DownloadObserver {
  readonly #driveId: string
  readonly #clock: Clock
  readonly #describe: (node: NodeId, key: string) => Described
  readonly #emit: (transfers: Transfer[]) => void
  readonly #journal: Pick<Journal, 'operations' | 'get'>
  readonly #others: () => Transfer[]
  /** Operations of a move that needed attention: shown from then on, until they are done. */
  readonly #shownOfMoves = new Set<number>()
  readonly #progress = new Map<number, Progress>()
  readonly #downloads = new Map<NodeId, DownloadEntry>()
  /** What an operation was when it began: once it is done its node looks as if nothing had been sent. */
  readonly #kinds = new Map<number, TransferKind>()
  readonly #changed = new Map<string, () => Transfer | undefined>()
  #cancelTimer: (() => void) | undefined
  #downloadCount = 0
  /** Ids of downloads are never those of an earlier process: finished ones are kept. */
  readonly #beganAt: string

  constructor(options: {
    driveId: string
    clock: Clock
    describe: (node: NodeId, key: string) => Described
    journal: Pick<Journal, 'operations' | 'get'>
    /** What is no operation and no download into the cache: folders being moved, versions being saved. */
    others: () => Transfer[]
    emit: (transfers: Transfer[]) => void
  }) {
    this.#driveId = options.driveId
    this.#clock = options.clock
    this.#beganAt = options.clock.now().toString(36)
    this.#describe = options.describe
    this.#journal = options.journal
    this.#others = options.others
    this.#emit = options.emit
  }

  snapshot(): Transfer[] {
    const downloads = [...this.#downloads].map(([node, entry]) => this.#downloadTransfer(node, entry))
    const shown = [...this.#journal.operations()].filter((operation) => this.#isShown(operation))
    return [...shown.map((operation) => this.#transferOf(operation)), ...this.#others(), ...downloads]
  }

  /** `describe` is called when the change is handed on. */
  transferChanged(id: string, describe: () => Transfer | undefined): void {
    this.#mark(id, describe)
  }

  operationChanged(operation: Operation): void {
    if (operation.status.state !== 'running') this.#kinds.delete(operation.id)
    else this.#kinds.set(operation.id, kindOf(operation, this.#describe(operation.node, operation.key)))
    if (!this.#isShown(operation)) return
    this.#mark(`op-${operation.id}`, () => this.#transferOf(operation))
  }

  operationRemoved(operation: Operation, reason: 'done' | 'cancelled'): void {
    const finishedAt = this.#clock.now()
    const isShown = this.#isShown(operation)
    const last = this.#transferOf(operation)
    this.#progress.delete(operation.id)
    this.#kinds.delete(operation.id)
    this.#shownOfMoves.delete(operation.id)
    if (!isShown) return
    const status: TransferState = { state: reason, finishedAt }
    const doneBytes = reason === 'done' ? last.sizeBytes : last.doneBytes
    this.#mark(last.id, () => ({ ...last, doneBytes, status }))
  }

  operationProgressed(id: number, sentBytes: number): void {
    const progress = this.#progress.get(id) ?? this.#newProgress()
    this.#progress.set(id, progress)
    this.#measure(progress, sentBytes)
    this.#mark(`op-${id}`, () => {
      const operation = this.#journal.get(id)
      return operation !== undefined && this.#isShown(operation) ? this.#transferOf(operation) : undefined
    })
  }

  downloadStarted(node: NodeId): void {
    const entry = this.#downloads.get(node) ?? {
      ...this.#newProgress(),
      id: `dl-${this.#beganAt}-${++this.#downloadCount}`,
      startedAtMs: this.#clock.now(),
      parts: 0,
    }
    entry.parts++
    this.#downloads.set(node, entry)
  }

  downloadProgressed(node: NodeId, receivedBytes: number): void {
    const entry = this.#downloads.get(node)
    if (entry === undefined) return
    this.#measure(entry, entry.doneBytes + receivedBytes)
    if (entry.doneBytes >= smallestShownBytes) this.#mark(entry.id, () => this.#downloadTransfer(node, entry))
  }

  downloadEnded(node: NodeId): void {
    const entry = this.#downloads.get(node)
    if (entry === undefined) return
    entry.parts--
    if (entry.parts > 0) return
    this.#downloads.delete(node)
    if (entry.doneBytes < smallestShownBytes) return
    const status: TransferState = { state: 'done', finishedAt: this.#clock.now() }
    const last = this.#downloadTransfer(node, entry)
    this.#mark(entry.id, () => ({ ...last, sizeBytes: Math.max(last.doneBytes, 0), status }))
  }

  close(): void {
    this.#cancelTimer?.()
    this.#flush()
  }

  /** A move is one transfer, however many operations it takes; one of them is shown when a person has to look at it. */
  #isShown({ id, move, status }: Operation): boolean {
    if (move === undefined || this.#shownOfMoves.has(id)) return true
    if (status.state !== 'blocked' && status.state !== 'conflict') return false
    this.#shownOfMoves.add(id)
    return true
  }

  #mark(id: string, describe: () => Transfer | undefined): void {
    this.#changed.set(id, describe)
    this.#cancelTimer ??= this.#clock.after(intervalMs, () => this.#flush())
  }

  #flush(): void {
    this.#cancelTimer = undefined
    const transfers = [...this.#changed.values()].map((describe) => describe()).filter((one) => one !== undefined)
    this.#changed.clear()
    if (transfers.length > 0) this.#emit(transfers)
  }

  #newProgress(): Progress {
    return { doneBytes: 0, bytesPerSecond: 0, measuredAtMs: this.#clock.now(), measuredBytes: 0 }
  }

  /** A rate over about a second, smoothed, so that the number can be read. */
  #measure(progress: Progress, doneBytes: number): void {
    progress.doneBytes = doneBytes
    const nowMs = this.#clock.now()
    const elapsedMs = nowMs - progress.measuredAtMs
    if (elapsedMs < 500) return
    const rate = (Math.max(0, doneBytes - progress.measuredBytes) * 1000) / elapsedMs
    progress.bytesPerSecond = progress.bytesPerSecond === 0 ? rate : progress.bytesPerSecond * 0.6 + rate * 0.4
    progress.measuredAtMs = nowMs
    progress.measuredBytes = doneBytes
  }

  #transferOf(operation: Operation): Transfer {
    const described = this.#describe(operation.node, operation.key)
    const { path, sizeBytes } = described
    const progress = this.#progress.get(operation.id)
    const kind = this.#kinds.get(operation.id) ?? kindOf(operation, described)
    return {
      id: `op-${operation.id}`,
      driveId: this.#driveId,
      kind,
      path,
      sizeBytes: kind === 'upload' ? sizeBytes : 0,
      doneBytes: kind === 'upload' ? Math.min(progress?.doneBytes ?? 0, sizeBytes) : 0,
      attempts: operation.attempts,
      queuedAt: operation.createdAtMs,
      status: this.#stateOf(operation, progress),
      stops: 'by-pause',
    }
  }

  #stateOf(operation: Operation, progress: Progress | undefined): TransferState {
    const { status } = operation
    if (isHeld(operation)) return { state: 'paused' }
    switch (status.state) {
      case 'running':
        return { state: 'running', bytesPerSecond: progress?.bytesPerSecond ?? 0 }
      case 'waiting':
        return { state: 'waiting', retryAt: status.retryAtMs, problem: status.problem }
      default:
        return status
    }
  }

  #downloadTransfer(node: NodeId, entry: DownloadEntry): Transfer {
    const { path, sizeBytes } = this.#describe(node, '')
    return {
      id: entry.id,
      driveId: this.#driveId,
      kind: 'download',
      path,
      sizeBytes,
      doneBytes: Math.min(entry.doneBytes, sizeBytes),
      attempts: 0,
      queuedAt: entry.startedAtMs,
      status: { state: 'running', bytesPerSecond: entry.bytesPerSecond },
    }
  }
}

function kindOf(operation: Operation, { isFolder, isCopy }: Described): TransferKind {
  if (operation.kind === 'delete') return 'delete'
  if (isFolder) return 'folder'
  return isCopy ? 'copy' : 'upload'
}
