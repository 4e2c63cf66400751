/**
 * Main's events on their way to one window. Callers say what changed; what it is now is read when it is sent.
 * Must hold: at most one batch each 100 ms; sequence numbers without a gap; with a window that does not keep up nothing
 * is sent, one entry a transfer is kept, and when even these are too many they are dropped and a number is left out, so
 * that the window asks for a snapshot.
 */
import type { IpcEvent, IpcEventMessage } from '../contracts/ipc.ts'
import type { Transfer } from '../contracts/transfer.ts'

export type Topic =
  'accounts' | 'activity' | 'caches' | 'drives' | 'keys' | 'mounting' | 'notices' | 'settings' | 'updates'
export type QuitEvent = Extract<IpcEvent, { kind: 'quit:asked' | 'quit:settled' }>

export type ConflictsEvent = Extract<IpcEvent, { kind: 'conflicts:changed' }>

/** How something that was asked for goes on: the answer to the request holds it all once more. */
export type ProgressEvent = Extract<IpcEvent, { kind: 'account:stepped' }>

export type ScreenEvent = Extract<IpcEvent, { kind: 'screen:asked' }>

export type EventStream = {
  changed(topic: Topic): void
  transfersChanged(transfers: Transfer[]): void
  transfersCleared(ids: string[]): void
  /** Of one drive. */
  conflictsChanged(event: ConflictsEvent): void
  /** Folders of one drive whose rows changed. */
  filesChanged(driveId: string, folders: readonly string[]): void
  /** In its order; lost where there is no window, and when a window is far behind. */
  progressed(event: ProgressEvent): void
  quit(event: QuitEvent): void
  /** Waits for a window where there is none yet. */
  showScreen(event: ScreenEvent): void
  /** Begins to send, and answers the sequence number that the window's snapshot includes. */
  attach(send: (message: IpcEventMessage) => void): number
  detach(): void
  /** The window has handled this one. */
  seen(sequence: number): void
}

export const batchIntervalMs = 100
/** Batches of a few events each that a window may be behind. */
export const maxUnseen = 64
/** Changed and cleared transfers that wait for a slow window. */
export const maxWaiting = 5000
/** Steps that wait for a slow window. */
const maxProgress = 100
/** Transfers in one message, so that a huge queue does not become one huge message. */
const maxTransfersPerMessage = 500

export function eventStream(options: { read(topic: Topic): IpcEvent }): EventStream {
  let send: ((message: IpcEventMessage) => void) | undefined
  let sequence = 0
  let seen = 0
  let timer: NodeJS.Timeout | undefined
  let lastFlushMs = -Infinity
  const topics = new Set<Topic>()
  const transfers = new Map<string, Transfer>()
  const cleared = new Set<string>()
  const conflicts = new Map<string, ConflictsEvent>()
  const files = new Map<string, Set<string>>()
  let progress: ProgressEvent[] = []
  let quit: QuitEvent | undefined
  let screen: ScreenEvent | undefined

  const emit = (event: IpcEvent) => send?.({ sequence: ++sequence, event })

  const flush = () => {
    timer = undefined
    if (!send || sequence - seen > maxUnseen) return
    lastFlushMs = Date.now()
    for (const topic of topics) emit(options.read(topic))
    topics.clear()
    if (cleared.size > 0) emit({ kind: 'transfers:cleared', ids: [...cleared] })
    cleared.clear()
    const changed = [...transfers.values()]
    transfers.clear()
    for (let at = 0; at < changed.length; at += maxTransfersPerMessage)
      emit({ kind: 'transfers:changed', transfers: changed.slice(at, at + maxTransfersPerMessage) })
    for (const event of conflicts.values()) emit(event)
    conflicts.clear()
    for (const [driveId, folders] of files) emit({ kind: 'files:changed', driveId, folders: [...folders] })
    files.clear()
    for (const event of progress) emit(event)
    progress = []
    if (quit) emit(quit)
    quit = undefined
    if (screen) emit(screen)
    screen = undefined
  }

  const schedule = () => {
    if (transfers.size + cleared.size > maxWaiting) {
      transfers.clear()
      cleared.clear()
      sequence++
      topics.add('drives')
    }
    if (timer || !send) return
    const sinceMs = Date.now() - lastFlushMs
    timer = setTimeout(flush, Math.max(0, Math.min(batchIntervalMs, batchIntervalMs - sinceMs)))
  }

  return {
    changed(topic) {
      topics.add(topic)
      schedule()
    },
    transfersChanged(changed) {
      if (!send) return
      for (const transfer of changed) {
        cleared.delete(transfer.id)
        transfers.set(transfer.id, transfer)
      }
      schedule()
    },
    transfersCleared(ids) {
      if (!send) return
      for (const id of ids) {
        transfers.delete(id)
        cleared.add(id)
      }
      schedule()
    },
    conflictsChanged(event) {
      conflicts.set(event.driveId, event)
      schedule()
    },
    filesChanged(driveId, folders) {
      if (!send) return
      files.set(driveId, new Set([...(files.get(driveId) ?? []), ...folders]))
      schedule()
    },
    progressed(event) {
      if (!send) return
      progress = [...progress, event].slice(-maxProgress)
      schedule()
    },
    quit(event) {
      quit = event
      schedule()
    },
    showScreen(event) {
      screen = event
      schedule()
    },
    attach(sender) {
      send = sender
      seen = sequence
      topics.clear()
      transfers.clear()
      cleared.clear()
      conflicts.clear()
      files.clear()
      progress = []
      // The snapshot does not tell of a question that is still open, nor of a screen that was asked for.
      if (quit || screen) schedule()
      return sequence
    },
    detach() {
      send = undefined
      clearTimeout(timer)
      timer = undefined
    },
    seen(number) {
      seen = Math.max(seen, Math.min(number, sequence))
      const waiting = [topics, transfers, cleared, conflicts, files].some(({ size }) => size > 0) || progress.length > 0
      if (waiting || quit || screen) schedule()
    },
  }
}
