/**
 * Finished transfers on disk, one JSON line each, the oldest first: appended as they finish, and written anew when there are twice as
 * many lines as are kept. It is for a person to look at, so that a line that was cut off is left out and nothing is made of it.
 */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transferSchema, type Transfer } from '../contracts/transfer.ts'

export const keptFinished = 2000

export type TransferHistory = {
  /** What earlier runs left, with ids that no transfer of this run has. */
  readonly past: readonly Transfer[]
  add(finished: readonly Transfer[]): void
  replace(all: readonly Transfer[]): void
}

export function transferHistoryPath(userDataDirectory: string): string {
  return join(userDataDirectory, 'transfers.jsonl')
}

export function transferHistory({ path, log }: { path: string; log: (message: string) => void }): TransferHistory {
  const found = linesOf(path)
  const past = found
    .flatMap(parsed)
    .slice(-keptFinished)
    .map((transfer, index) => ({ ...transfer, id: `${transfer.driveId}:past-${index}` }))
  let lines = past.length
  /** Of what this run added, and of what it found. */
  let kept: readonly Transfer[] = past

  const guarded = (write: () => void): void => {
    try {
      write()
    } catch (error) {
      log(`the history of transfers could not be written: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const replace = (all: readonly Transfer[]): void => {
    kept = all.slice(-keptFinished)
    lines = kept.length
    guarded(() => {
      writeFileSync(`${path}.new`, textOf(kept), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    })
  }
  // A line that was cut off would swallow the next one.
  if (found.length !== past.length) replace(past)

  return {
    past,
    add(finished) {
      if (finished.length === 0) return
      const all = [...kept, ...finished]
      if (lines + finished.length > 2 * keptFinished) {
        replace(all)
        return
      }
      kept = all.slice(-keptFinished)
      lines += finished.length
      guarded(() => appendFileSync(path, textOf(finished), { mode: 0o600 }))
    },
    replace,
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch {
    return []
  }
}

function parsed(line: string): Transfer[] {
  try {
    const transfer = transferSchema.safeParse(JSON.parse(line))
    return transfer.success ? [transfer.data] : []
  } catch {
    return []
  }
}

function textOf(transfers: readonly Transfer[]): string {
  return transfers.map((transfer) => `${JSON.stringify(transfer)}\n`).join('')
}
