/** `cloudmount recovered`: versions that choices discarded, kept for 30 days, and putting them back. */
import type { RecoveredFile } from '../contracts/conflict.ts'
import { bytesInWords } from '../contracts/quantities.ts'
import { ask, placeOf } from './conflicts.ts'
import { exitCodes } from './exit-codes.ts'
import { entries } from './mount-registry.ts'
import { printable } from './printable.ts'

const restoreMs = 10 * 60_000

export async function listRecovered(directory: string | undefined, options: { json?: boolean }): Promise<number> {
  const wanted = directory === undefined ? entries() : [placeOf(directory).entry]
  const rows: (RecoveredFile & { mountpoint: string })[] = []
  for (const entry of wanted) {
    const { files } = await ask(entry, 'recovered:list', {})
    rows.push(...files.map((file) => ({ ...file, mountpoint: entry.mountpoint })))
  }
  if (options.json === true) process.stdout.write(JSON.stringify({ files: rows }, undefined, 2) + '\n')
  else if (rows.length === 0) process.stdout.write('Nothing was discarded in the last 30 days.\n')
  else for (const row of rows) process.stdout.write(`${row.id}  ${inWords(row)}\n`)
  return exitCodes.done
}

/** `ids` as `recovered list` shows them, of the drive mounted at `directory`. */
export async function restoreRecovered(directory: string, ids: readonly string[]): Promise<number> {
  const { entry } = placeOf(directory)
  for (const id of ids) {
    const { path } = await ask(entry, 'recovered:restore', { id }, restoreMs)
    process.stdout.write(`${entry.mountpoint}/${path}\n`)
  }
  return exitCodes.done
}

function inWords({
  mountpoint,
  path,
  side,
  sizeBytes,
  discardedAt,
  keptUntil,
  isIncomplete,
}: RecoveredFile & { mountpoint: string }) {
  const whose = side === 'mine' ? 'yours' : 'theirs'
  const day = (at: number): string => new Date(at).toLocaleString()
  const lacking = isIncomplete === true ? ', parts of it were gone already' : ''
  return `${printable(`${mountpoint}/${path}`)}  ${whose}, ${bytesInWords(sizeBytes)}${lacking}, discarded ${day(discardedAt)}, kept until ${day(keptUntil)}`
}
