import type { Transfer } from '../../../contracts/transfer.ts'

/** Transfers by id, and the order and choice in which the list shows them. Pure; sized for tens of thousands of rows. */
export type TransferTable = ReadonlyMap<string, Transfer>

export const transferFilters = ['all', 'active', 'waiting', 'attention', 'done'] as const
export type TransferFilter = (typeof transferFilters)[number]

/** Ids are the drive's own, so two drives may use the same one. */
export function transferKey(transfer: { driveId: string; id: string }): string {
  return `${transfer.driveId}/${transfer.id}`
}

export function tableOf(transfers: readonly Transfer[]): TransferTable {
  return new Map(transfers.map((transfer) => [transferKey(transfer), transfer]))
}

export function withChanged(table: TransferTable, changed: readonly Transfer[]): TransferTable {
  const next = new Map(table)
  for (const transfer of changed) next.set(transferKey(transfer), transfer)
  return next
}

export function withoutIds(table: TransferTable, ids: readonly string[]): TransferTable {
  const gone = new Set(ids)
  return new Map([...table].filter(([, transfer]) => !gone.has(transfer.id)))
}

export function filterOf(transfer: Transfer): Exclude<TransferFilter, 'all'> {
  switch (transfer.status.state) {
    case 'running':
      return 'active'
    case 'queued':
    case 'waiting':
    case 'paused':
      return 'waiting'
    case 'blocked':
    case 'conflict':
      return 'attention'
    case 'done':
    case 'cancelled':
      return 'done'
  }
}

export type SortedTransfers = Record<TransferFilter, readonly Transfer[]>

/** One pass sorts every row into its filter; then each is ordered: the oldest first, what has ended newest first. */
export function sortTransfers(table: TransferTable): SortedTransfers {
  const parts: Record<Exclude<TransferFilter, 'all'>, Transfer[]> = { attention: [], active: [], waiting: [], done: [] }
  for (const transfer of table.values()) parts[filterOf(transfer)].push(transfer)
  for (const part of [parts.attention, parts.active, parts.waiting]) part.sort((a, b) => a.queuedAt - b.queuedAt)
  parts.done.sort((a, b) => finishedAt(b) - finishedAt(a))
  return { ...parts, all: [...parts.attention, ...parts.active, ...parts.waiting, ...parts.done] }
}

export const kindFilters = ['any', 'uploads', 'downloads', 'other'] as const
export type KindFilter = (typeof kindFilters)[number]

function isOfKind({ kind }: Transfer, wanted: KindFilter): boolean {
  if (wanted === 'uploads') return kind === 'upload'
  if (wanted === 'downloads') return kind === 'download'
  return wanted === 'any' || (kind !== 'upload' && kind !== 'download')
}

/** Every word has to be in the file's path or the drive's name. */
export function matching(
  all: readonly Transfer[],
  { text, kind }: { text: string; kind: KindFilter },
  driveName: (id: string) => string,
): readonly Transfer[] {
  const transfers = kind === 'any' ? all : all.filter((transfer) => isOfKind(transfer, kind))
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return transfers
  const names = new Map<string, string>()
  const nameOf = (id: string): string => {
    const known = names.get(id) ?? driveName(id).toLowerCase()
    names.set(id, known)
    return known
  }
  return transfers.filter(({ path, driveId }) => {
    const whole = `${nameOf(driveId)}\n${path.toLowerCase()}`
    return words.every((word) => whole.includes(word))
  })
}

function finishedAt({ status }: Transfer): number {
  return 'finishedAt' in status ? status.finishedAt : 0
}
