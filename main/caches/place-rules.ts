/** Whether caches may go to a folder, from what is known of it. Pure. */
import { isAbsolute } from 'node:path'
import type { Drive } from '../../contracts/drive.ts'
import type { Problem } from '../../contracts/problem.ts'
import { bytesInWords } from '../../contracts/quantities.ts'
import { t } from '../../language/language.ts'
import { isInside } from '../mountpoint-rules.ts'
import type { DiskKind } from './disk-kind.ts'

/** In the folder a person chose: what else is there is not mixed with the caches, and not taken for them. */
export const cacheFolderName = 'CloudMount cache'

/** What is left free beside the copies, for the databases and for everybody else. */
const spareBytes = 256 * 1024 * 1024

export type Surroundings = {
  /** Where the caches are now. */
  current: string
  drives: readonly { drive: Pick<Drive, 'name' | 'mountpoint'>; cache: string }[]
}

/** What the names alone tell, without touching the disk. */
export function nameProblem(directory: string, { current, drives }: Surroundings): Problem | undefined {
  if (!isAbsolute(directory)) return refusal(t('main.caches-not-whole', { directory }))
  if (directory === current) return refusal(t('main.caches-there', { directory }))
  if (overlap(directory, current)) return refusal(t('main.caches-inside', { current }))
  for (const { drive, cache } of drives) {
    if (directory === drive.mountpoint || isInside(directory, drive.mountpoint))
      return refusal(t('main.caches-on-drive', { directory, name: drive.name }))
    if (isInside(drive.mountpoint, directory))
      return refusal(t('main.caches-around-drive', { directory, name: drive.name }))
    if (directory === cache || isInside(directory, cache))
      return refusal(t('main.caches-in-cache', { directory, name: drive.name }))
  }
  return undefined
}

function overlap(a: string, b: string): boolean {
  return isInside(a, b) || isInside(b, a)
}

/** `neededBytes` is 0 where nothing has to be copied. */
export function roomProblem(directory: string, neededBytes: number, freeBytes: number): Problem | undefined {
  const wantedBytes = neededBytes + Math.ceil(neededBytes / 20) + spareBytes
  if (wantedBytes <= freeBytes) return undefined
  return {
    code: 'disk-full',
    message: t('main.caches-no-room', { directory, wanted: bytesInWords(wantedBytes), free: bytesInWords(freeBytes) }),
    consequence: t('main.caches-no-room.consequence'),
    remedy: t('main.caches-no-room.remedy'),
  }
}

export function diskProblem(directory: string, kind: DiskKind): Problem | undefined {
  if (kind !== 'memory') return undefined
  return {
    ...refusal(t('main.caches-memory', { directory })),
    consequence: t('main.caches-memory.consequence'),
  }
}

export function diskWarning(directory: string, kind: DiskKind): Problem | undefined {
  if (kind === 'removable')
    return {
      code: 'cache-unusable',
      message: t('main.caches-removable', { directory }),
      consequence: t('main.caches-removable.consequence'),
      remedy: t('main.caches-removable.remedy'),
    }
  if (kind === 'network')
    return {
      code: 'cache-unusable',
      message: t('main.caches-network', { directory }),
      consequence: t('main.caches-network.consequence'),
      remedy: t('main.caches-network.remedy'),
    }
  return undefined
}

export function takenProblem(path: string): Problem {
  return {
    ...refusal(t('main.caches-taken', { path })),
    consequence: t('main.caches-taken.consequence'),
    remedy: t('main.caches-taken.remedy'),
  }
}

/** The folder the caches are in is not there, which must not be taken for caches that are empty. */
export function missingProblem(directory: string): Problem {
  return {
    code: 'cache-unusable',
    message: t('main.caches-missing', { directory }),
    consequence: t('main.caches-missing.consequence'),
    remedy: t('main.caches-missing.remedy'),
  }
}

/** Of a move away from a folder that is not there. */
export function leftBehindWarning(directory: string): Problem {
  return {
    code: 'cache-unusable',
    message: t('main.caches-left-behind', { directory }),
    consequence: t('main.caches-left-behind.consequence'),
    remedy: t('main.caches-left-behind.remedy'),
  }
}

function refusal(message: string): Problem {
  return {
    code: 'cache-unusable',
    message,
    consequence: t('main.caches-refused.consequence'),
    remedy: t('main.caches-refused.remedy'),
  }
}
