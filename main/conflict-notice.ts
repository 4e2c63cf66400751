/**
 * One notification for a burst of new conflicts: told when no more came for a moment, or when it has gone on for long. New is what
 * was found since the application started, waits for a person, and was not told before.
 */
import type { Conflict } from '../contracts/conflict.ts'
import { t } from '../language/language.ts'
import { listInWords } from '../language/lists.ts'
import { afterBurst } from './notice-burst.ts'

export type ConflictNotice = {
  /** The conflicts of this drive are not what they were. */
  changed(driveId: string): void
}

export function conflictNotice(options: {
  list: (driveId: string) => Promise<readonly Conflict[]>
  driveName: (driveId: string) => string
  tell: (message: string) => void
  log: (message: string) => void
}): ConflictNotice {
  const startedAt = Date.now()
  const told = new Map<string, Set<string>>()
  const touched = new Set<string>()

  const freshOf = async (driveId: string): Promise<Fresh[]> => {
    try {
      const conflicts = await options.list(driveId)
      const before = told.get(driveId)
      const waiting = conflicts.filter(({ since, choice }) => since >= startedAt && choice === undefined)
      told.set(
        driveId,
        new Set([...waiting.map(({ id }) => id), ...conflicts.map(({ id }) => id).filter((id) => before?.has(id))]),
      )
      return waiting.flatMap(({ id, path }) => (before?.has(id) ? [] : [{ driveId, path }]))
    } catch (error) {
      options.log(`listing new conflicts: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  }

  const tell = async () => {
    const drives = [...touched]
    touched.clear()
    const fresh = (await Promise.all(drives.map(freshOf))).flat()
    if (fresh.length > 0) options.tell(inWords(fresh, options.driveName))
  }

  const came = afterBurst(() => void tell())
  return {
    changed(driveId) {
      touched.add(driveId)
      came()
    },
  }
}

type Fresh = { driveId: string; path: string }

function inWords(fresh: readonly Fresh[], driveName: (id: string) => string): string {
  const [first] = fresh
  if (fresh.length === 1 && first) {
    const name = first.path.split('/').at(-1) ?? first.path
    return t('main.notice.conflict', { name, drive: driveName(first.driveId) })
  }
  const drives = listInWords([...new Set(fresh.map(({ driveId }) => driveName(driveId)))])
  return t('main.notice.conflicts', { count: fresh.length, drives })
}
