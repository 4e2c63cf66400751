/**
 * Whether a drive can be mounted on a folder, decided before anything is tried: facts are gathered first, then one pure
 * function turns them into a problem with a remedy. No fact is gathered by touching a file system that may be dead before
 * the mount table said that it is not.
 */
import { constants } from 'node:fs'
import { access, readFile, readdir, realpath, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { ProblemError } from '../../contracts/problem.ts'
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { detach } from './detach.ts'
import { driveAround, isFuse, mountOn, readMountTable } from './mount-table.ts'
import type { MountEntry } from './mount-table.ts'

export type FuseFact = 'ready' | 'no-device' | 'no-helper' | 'no-macfuse' | 'not-permitted' | 'allow-other-forbidden'

export type TargetFact =
  | { kind: 'missing' }
  | { kind: 'not-directory' }
  | { kind: 'not-permitted'; detail: string }
  | { kind: 'stale' }
  | { kind: 'mounted'; by: MountEntry }
  | { kind: 'inside-drive'; drive: MountEntry }
  | { kind: 'directory'; isEmpty: boolean; isWritable: boolean }

export type MountpointFacts = { path: string; fuse: FuseFact; target: TargetFact }

export async function inspectMountpoint(mountpoint: string, allowOther = false): Promise<MountpointFacts> {
  const fuse = await inspectFuse(allowOther)
  return { path: mountpoint, fuse, target: await inspectTarget(path.resolve(mountpoint)) }
}

/** Undefined when a drive can be mounted there. */
export function mountpointProblem({ path: folder, fuse, target }: MountpointFacts): Problem | undefined {
  return fuseProblem(fuse) ?? targetProblem(folder, target)
}

export function fuseProblem(fuse: FuseFact): Problem | undefined {
  switch (fuse) {
    case 'ready':
      return undefined
    case 'no-device':
      return {
        code: 'fuse-missing',
        message: t('worker.fuse-device-missing'),
        remedy: t('worker.fuse-device-missing.remedy'),
      }
    case 'no-helper':
      return {
        code: 'fuse-missing',
        message: t('worker.fuse-helper-missing'),
        remedy: t('worker.fuse-helper-missing.remedy'),
      }
    case 'no-macfuse':
      return {
        code: 'fuse-missing',
        message: t('worker.macfuse-missing'),
        remedy: t('worker.macfuse-missing.remedy'),
      }
    case 'not-permitted':
      return {
        code: 'fuse-not-permitted',
        message: t('worker.fuse-forbidden'),
        remedy: t('worker.fuse-forbidden.remedy'),
      }
    case 'allow-other-forbidden':
      return {
        code: 'fuse-not-permitted',
        message: t('worker.fuse-sharing-forbidden'),
        remedy: t('worker.fuse-sharing-forbidden.remedy'),
      }
  }
}

function targetProblem(folder: string, target: TargetFact): Problem | undefined {
  switch (target.kind) {
    case 'missing':
      return {
        code: 'mountpoint-missing',
        message: t('worker.mountpoint-missing', { folder }),
        remedy: t('worker.mountpoint-missing.remedy'),
      }
    case 'not-directory':
      return {
        code: 'mountpoint-not-directory',
        message: t('worker.mountpoint-file', { folder }),
        remedy: t('worker.mountpoint-file.remedy'),
      }
    case 'not-permitted':
      return notPermitted(folder, target.detail)
    case 'stale':
      return stale(folder)
    case 'mounted':
      return {
        code: 'mountpoint-busy',
        message: t('worker.mountpoint-busy', { folder, source: target.by.source, type: target.by.type }),
        remedy: t('worker.mountpoint-busy.remedy'),
      }
    case 'inside-drive':
      return {
        code: 'mountpoint-inside-drive',
        message: t('worker.mountpoint-inside', { folder, mountpoint: target.drive.mountpoint }),
        remedy: t('worker.mountpoint-inside.remedy'),
      }
    case 'directory':
      if (!target.isEmpty) {
        return {
          code: 'mountpoint-not-empty',
          message: t('worker.mountpoint-not-empty', { folder }),
          consequence: t('worker.mountpoint-not-empty.consequence'),
          remedy: t('worker.mountpoint-not-empty.remedy'),
        }
      }
      return target.isWritable ? undefined : notPermitted(folder)
  }
}

function stale(folder: string): Problem {
  return {
    code: 'mountpoint-stale',
    message: t('worker.mountpoint-stale', { folder }),
    remedy: t('worker.mountpoint-stale.remedy', { folder }),
  }
}

function notPermitted(folder: string, detail?: string): Problem {
  return {
    code: 'mountpoint-not-permitted',
    message: t('worker.mountpoint-forbidden', { folder }),
    remedy: t('worker.mountpoint-forbidden.remedy'),
    ...(detail === undefined ? {} : { detail }),
  }
}

/**
 * Detaches a mount whose program is gone: only one that answers ENOTCONN, which no living mount does. True if it did.
 * Throws `mountpoint-stale` where the system refuses.
 */
export async function clearStaleMount(mountpoint: string): Promise<boolean> {
  const folder = path.resolve(mountpoint)
  const target = await inspectTarget(folder)
  if (target.kind !== 'stale') return false
  const outcome = await detach(folder, true)
  if (outcome.kind === 'detached') return true
  throw new ProblemError({ ...stale(folder), detail: outcome.detail })
}

async function inspectTarget(folder: string): Promise<TargetFact> {
  const table = await readMountTable()
  const around = driveAround(table, folder)
  if (around !== undefined) return { kind: 'inside-drive', drive: around }
  const mounted = mountOn(table, folder)
  if (mounted !== undefined) {
    return isFuse(mounted) && (await isDead(folder)) ? { kind: 'stale' } : { kind: 'mounted', by: mounted }
  }
  try {
    return await inspectDirectory(folder, table)
  } catch (error) {
    return targetOfError(error)
  }
}

async function inspectDirectory(folder: string, table: readonly MountEntry[]): Promise<TargetFact> {
  const real = await realpath(folder)
  if (real !== folder) {
    const around = driveAround(table, real)
    if (around !== undefined) return { kind: 'inside-drive', drive: around }
    const mounted = mountOn(table, real)
    if (mounted !== undefined) return { kind: 'mounted', by: mounted }
  }
  if (!(await stat(real)).isDirectory()) return { kind: 'not-directory' }
  const isWritable = await access(real, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  return { kind: 'directory', isEmpty: (await readdir(real)).length === 0, isWritable }
}

function targetOfError(error: unknown): TargetFact {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'ENOENT') return { kind: 'missing' }
  if (code === 'ENOTDIR') return { kind: 'not-directory' }
  if (code === 'ENOTCONN') return { kind: 'stale' }
  return { kind: 'not-permitted', detail: code === '' ? String(error) : code }
}

/** A mount that is only slow is alive; it gets two seconds to prove it. */
async function isDead(folder: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 2_000)
  })
  // Unlike stat, statfs is never answered from the kernel's cache: that outlives the process by a second.
  const look = statfs(folder).then(
    () => false,
    (error: unknown) => ['ENOTCONN', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? ''),
  )
  return Promise.race([look, patience]).finally(() => clearTimeout(timer))
}

export async function inspectFuse(
  allowOther: boolean,
  platform: NodeJS.Platform = process.platform,
): Promise<FuseFact> {
  if (platform === 'darwin') {
    const folders = ['/Library/Filesystems/macfuse.fs', '/Library/Filesystems/osxfuse.fs']
    return (await anyExists(folders)) ? 'ready' : 'no-macfuse'
  }
  if (!(await anyExists(['/dev/fuse']))) return 'no-device'
  // root mounts without the helper and unmounts with umount
  if (process.getuid?.() === 0) return 'ready'
  if (!(await isOnPath(['fusermount', 'fusermount3']))) return 'no-helper'
  const isAllowed = await access('/dev/fuse', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!isAllowed) return 'not-permitted'
  return allowOther && !(await letsOthersIn()) ? 'allow-other-forbidden' : 'ready'
}

async function letsOthersIn(): Promise<boolean> {
  const text = await readFile('/etc/fuse.conf', 'utf8').catch(() => '')
  return text.split('\n').some((line) => line.trim() === 'user_allow_other')
}

async function isOnPath(programs: readonly string[]): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  return anyExists(folders.flatMap((folder) => programs.map((program) => path.join(folder, program))))
}

async function anyExists(files: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}
