/** Whether caches may go to a folder, from what is known of it. Pure. */
import { isAbsolute } from 'node:path'
import type { Drive } from '../../contracts/drive.ts'
import type { Problem } from '../../contracts/problem.ts'
import { bytesInWords } from '../../contracts/quantities.ts'
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
  if (!isAbsolute(directory)) return refusal(`The folder ${directory} is not a whole path.`)
  if (directory === current) return refusal(`The caches are in ${directory} already.`)
  if (overlap(directory, current)) return refusal(`The caches are in ${current}, and cannot be moved into themselves.`)
  for (const { drive, cache } of drives) {
    if (directory === drive.mountpoint || isInside(directory, drive.mountpoint))
      return refusal(`${directory} is on the drive ${drive.name}, which needs its cache to be there at all.`)
    if (isInside(drive.mountpoint, directory)) return refusal(`The drive ${drive.name} is mounted inside ${directory}.`)
    if (directory === cache || isInside(directory, cache))
      return refusal(`${directory} is inside the cache of the drive ${drive.name}.`)
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
    message: `There is not enough room in ${directory}: ${bytesInWords(wantedBytes)} are needed, and ${bytesInWords(freeBytes)} are free.`,
    consequence: 'Nothing was changed.',
    remedy: 'Free some space there, let files leave this computer with “Free up space”, or choose another folder.',
  }
}

export function diskProblem(directory: string, kind: DiskKind): Problem | undefined {
  if (kind !== 'memory') return undefined
  return {
    ...refusal(`${directory} is in memory and is emptied when the computer restarts.`),
    consequence: 'Changes that are not in the bucket yet would be lost. Nothing was changed.',
  }
}

export function diskWarning(directory: string, kind: DiskKind): Problem | undefined {
  if (kind === 'removable')
    return {
      code: 'cache-unusable',
      message: `${directory} is on a disk that can be unplugged.`,
      consequence: 'Without it no drive can be mounted, and changes that are not in the bucket yet wait on it.',
      remedy: 'Keep it connected while CloudMount runs.',
    }
  if (kind === 'network')
    return {
      code: 'cache-unusable',
      message: `${directory} is on a disk of another computer.`,
      consequence: 'Drives are slower there, and when the connection breaks programs may lose what they just wrote.',
      remedy: 'A disk of this computer is better.',
    }
  return undefined
}

export function takenProblem(path: string): Problem {
  return {
    ...refusal(`There is a cache in ${path} already, of an earlier time.`),
    consequence: 'It may hold changes that are nowhere else, so it was left alone. Nothing was changed.',
    remedy: 'Choose another folder, or move that one away.',
  }
}

/** The folder the caches are in is not there, which must not be taken for caches that are empty. */
export function missingProblem(directory: string): Problem {
  return {
    code: 'cache-unusable',
    message: `The cache folder ${directory} is not there.`,
    consequence: 'Changes that are not in the bucket yet may be in it, so nothing was begun anew elsewhere.',
    remedy: 'Connect the disk it is on and try again.',
  }
}

/** Of a move away from a folder that is not there. */
export function leftBehindWarning(directory: string): Problem {
  return {
    code: 'cache-unusable',
    message: `${directory} is not there, so its caches stay in it.`,
    consequence:
      'Everything that waited for upload was uploaded. Files kept offline are fetched again; names that are never uploaded, and recovered files, stay there.',
    remedy: 'Connect the disk it is on first if you need those.',
  }
}

function refusal(message: string): Problem {
  return { code: 'cache-unusable', message, consequence: 'Nothing was changed.', remedy: 'Choose another folder.' }
}
