/**
 * Whether a folder may become a drive: asked before the drive is saved, so that the person learns it while the form is
 * open. The worker asks again at the mount, when the truth may be another. Never looks into another drive.
 */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import type { Drive } from '../contracts/drive.ts'
import { ProblemError, type Problem, type ProblemCode } from '../contracts/problem.ts'
import { t } from '../language/language.ts'

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
    return refuse(
      'invalid-input',
      t('main.mountpoint-not-whole', { mountpoint }),
      t('main.mountpoint-not-whole.remedy'),
    )
  const isTooBroad = [places.homeDirectory, places.userDataDirectory].some(
    (place) => place === mountpoint || isInside(place, mountpoint),
  )
  if (isTooBroad || mountpoint === sep || isInside(mountpoint, places.userDataDirectory))
    return refuse('mountpoint-not-permitted', t('main.mountpoint-too-broad', { mountpoint }))
  for (const other of others) {
    if (other.mountpoint === mountpoint)
      return refuse('mountpoint-busy', t('main.mountpoint-used', { name: other.name, mountpoint }))
    if (isInside(mountpoint, other.mountpoint))
      return refuse('mountpoint-inside-drive', t('main.mountpoint-in-drive', { name: other.name, mountpoint }))
    if (isInside(other.mountpoint, mountpoint))
      return refuse('mountpoint-inside-drive', t('main.mountpoint-around-drive', { name: other.name, mountpoint }))
  }
  if (cacheDirectory === undefined) return undefined
  if (!isAbsolute(cacheDirectory)) return refuse('invalid-input', t('main.cache-not-whole', { cacheDirectory }))
  const host = [drive, ...others].find(
    (one) => one.mountpoint === cacheDirectory || isInside(cacheDirectory, one.mountpoint),
  )
  return host && refuse('mountpoint-inside-drive', t('main.cache-in-drive', { cacheDirectory, name: host.name }))
}

/** Throws what the disk tells against it; creates the folder when it is a new one under the default parent. */
export async function prepareMountpoint(mountpoint: string, places: Places): Promise<void> {
  try {
    const found = await stat(mountpoint)
    if (!found.isDirectory())
      throw new ProblemError(refuse('mountpoint-not-directory', t('main.mountpoint-file', { mountpoint })))
    const names = await readdir(mountpoint)
    if (names.length > 0)
      throw new ProblemError(
        refuse(
          'mountpoint-not-empty',
          t('main.mountpoint-not-empty', { mountpoint }),
          t('main.mountpoint-not-empty.remedy'),
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
      refuse('mountpoint-missing', t('main.mountpoint-missing', { mountpoint }), t('main.mountpoint-missing.remedy')),
    )
  if (code === 'ENOTDIR')
    throw new ProblemError(refuse('mountpoint-not-directory', t('main.mountpoint-below-file', { mountpoint })))
  if (code === 'EACCES' || code === 'EPERM')
    throw new ProblemError(refuse('mountpoint-not-permitted', t('main.mountpoint-forbidden', { mountpoint })))
  throw error
}

function refuse(code: ProblemCode, message: string, remedy = t('main.another-folder')): Problem {
  return { code, message, remedy }
}
