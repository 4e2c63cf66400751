/**
 * The transfers of all drives in one list: live ones as their workers tell them, finished ones, also of earlier runs, until
 * they are cleared. A worker's ids are unique within its drive only; here they carry the drive's in front.
 */
import type { Transfer } from '../contracts/transfer.ts'
import { keptFinished, type TransferHistory } from './transfer-history.ts'

export type TransferBoard = {
  /** Live first, then finished, newest last. */
  all(): Transfer[]
  /** Newest last. */
  finished(): Transfer[]
  /** Takes what a worker told; `isWhole` means that live ones not among them are over. */
  update(driveId: string, transfers: Transfer[], isWhole: boolean): { changed: Transfer[]; removedIds: string[] }
  /** Forgets the finished ones. */
  clear(): string[]
  removeDrive(driveId: string): string[]
}

export function transferBoard(history?: TransferHistory): TransferBoard {
  const live = new Map<string, Transfer>()
  const finished = new Map((history?.past ?? []).map((transfer) => [transfer.id, transfer]))

  const finish = (transfer: Transfer, removedIds: string[]) => {
    live.delete(transfer.id)
    finished.delete(transfer.id)
    finished.set(transfer.id, transfer)
    if (finished.size <= keptFinished) return
    const [oldest] = finished.keys()
    if (oldest === undefined) return
    finished.delete(oldest)
    removedIds.push(oldest)
  }

  return {
    all: () => [...live.values(), ...finished.values()],
    finished: () => [...finished.values()],
    update(driveId, transfers, isWhole) {
      const changed = transfers.map((transfer) => ({ ...transfer, driveId, id: boardId(driveId, transfer.id) }))
      const removedIds: string[] = []
      if (isWhole) {
        const told = new Set(changed.map(({ id }) => id))
        const over = [...live.values()].filter((one) => one.driveId === driveId && !told.has(one.id))
        for (const { id } of over) {
          live.delete(id)
          removedIds.push(id)
        }
      }
      for (const transfer of changed) {
        if (isFinished(transfer)) finish(transfer, removedIds)
        else {
          finished.delete(transfer.id)
          live.set(transfer.id, transfer)
        }
      }
      history?.add(changed.filter(isFinished))
      return { changed, removedIds }
    },
    clear() {
      const ids = [...finished.keys()]
      finished.clear()
      history?.replace([])
      return ids
    },
    removeDrive(driveId) {
      const ids = [...live.values(), ...finished.values()].filter((one) => one.driveId === driveId).map(({ id }) => id)
      for (const id of ids) {
        live.delete(id)
        finished.delete(id)
      }
      history?.replace([...finished.values()])
      return ids
    },
  }
}

export function boardId(driveId: string, transferId: string): string {
  return `${driveId}:${transferId}`
}

/** The worker's own id, of one that the window sent back. */
export function workerTransferId(driveId: string, id: string): string {
  return id.startsWith(`${driveId}:`) ? id.slice(driveId.length + 1) : id
}

export function isFinished(transfer: Transfer): boolean {
  return transfer.status.state === 'done' || transfer.status.state === 'cancelled'
}
