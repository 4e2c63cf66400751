/**
 * Whether a folder may become a drive: asked before the drive is saved, so that the person learns it while the form is
 * open. The worker asks again at the mount, when the truth may be another. Never looks into another drive.
 */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import type { Drive } from '../contracts/drive.ts'
import { ProblemError, type Problem, type ProblemCode } from '../contracts/problem.ts'

export type Places = {
  homeDirectory: string
  /** Where settings, caches and journals are: never under a drive. */
  userDataDirectory: string
}

/** New drives are folders in here unless the person chose another place; these are created when missing. */
export function defaultParent(places: Places): string {
  return join(places.homeDirectory, 'CloudMount')
}

/** `~` and a trailing slash resolved; as the drive keeps it. */
export function normalizeFolder(path: string, places: Places): string {
  const expanded = path === '~' || path.startsWith('~/') ? join(places.homeDirectory, path.slice(1)) : path
  return isAbsolute(expanded) ? resolve(normalize(expanded)) : expanded
}

export function isInside(path: string, folder: string): boolean {
  const rest = relative(folder, path)
  return rest !== '' && rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest)
}

/** What the names alone tell, without touching the disk. */
export function placementProblem(drive: Drive, others: readonly Drive[], places: Places): Problem | undefined {
  const { mountpoint, cacheDirectory } = drive
  if (!isAbsolute(mountpoint))
    return refuse('invalid-input', `The folder ${mountpoint} is not a whole path.`, 'Choose a folder.')
  const isTooBroad = [places.homeDirectory, places.userDataDirectory].some(
    (place) => place === mountpoint || isInside(place, mountpoint),
  )
  if (isTooBroad || mountpoint === sep || isInside(mountpoint, places.userDataDirectory))
    return refuse(
      'mountpoint-not-permitted',
      `A drive in place of ${mountpoint} would hide what the system or CloudMount needs.`,
    )
  for (const other of others) {
    if (other.mountpoint === mountpoint)
      return refuse('mountpoint-busy', `The drive ${other.name} uses the folder ${mountpoint}.`)
    if (isInside(mountpoint, other.mountpoint))
      return refuse('mountpoint-inside-drive', `The folder ${mountpoint} is inside the drive ${other.name}.`)
    if (isInside(other.mountpoint, mountpoint))
      return refuse('mountpoint-inside-drive', `The drive ${other.name} is inside the folder ${mountpoint}.`)
  }
  if (cacheDirectory === undefined) return undefined
  if (!isAbsolute(cacheDirectory))
    return refuse('invalid-input', `The cache folder ${cacheDirectory} is not a whole path.`)
  const host = [drive, ...others].find(
    (one) => one.mountpoint === cacheDirectory || isInside(cacheDirectory, one.mountpoint),
  )
  return (
    host && refuse('mountpoint-inside-drive', `The cache folder ${cacheDirectory} is inside the drive ${host.name}.`)
  )
}

/** Throws what the disk tells against it; creates the folder when it is a new one under the default parent. */
export async function prepareMountpoint(mountpoint: string, places: Places): Promise<void> {
  try {
    const found = await stat(mountpoint)
    if (!found.isDirectory())
      throw new ProblemError(refuse('mountpoint-not-directory', `${mountpoint} is not a folder.`))
    const names = await readdir(mountpoint)
    if (names.length > 0)
      throw new ProblemError(
        refuse(
          'mountpoint-not-empty',
          `The folder ${mountpoint} is not empty.`,
          'Choose an empty folder; what is in this one would be hidden.',
        ),
      )
  } catch (error) {
    if (error instanceof ProblemError) throw error
    await recover(error, mountpoint, places)
  }
}

async function recover(error: unknown, mountpoint: string, places: Places): Promise<void> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // A mount whose process died: the worker clears it when it mounts.
  if (code === 'ENOTCONN') return
  if (code === 'ENOENT' && dirname(mountpoint) === defaultParent(places)) {
    await mkdir(mountpoint, { recursive: true })
    return
  }
  if (code === 'ENOENT')
    throw new ProblemError(
      refuse('mountpoint-missing', `There is no folder ${mountpoint}.`, 'Create it, or choose another.'),
    )
  if (code === 'ENOTDIR')
    throw new ProblemError(refuse('mountpoint-not-directory', `${mountpoint} is below a file, not a folder.`))
  if (code === 'EACCES' || code === 'EPERM')
    throw new ProblemError(refuse('mountpoint-not-permitted', `You may not use the folder ${mountpoint}.`))
  throw error
}

function refuse(code: ProblemCode, message: string, remedy = 'Choose another folder.'): Problem {
  return { code, message, remedy }
}
