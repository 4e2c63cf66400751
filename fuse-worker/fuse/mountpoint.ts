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
        message: 'This machine has no /dev/fuse, so nothing can be mounted.',
        remedy:
          'Load it with "sudo modprobe fuse"; in a container, start it with "--device /dev/fuse --cap-add SYS_ADMIN".',
      }
    case 'no-helper':
      return {
        code: 'fuse-missing',
        message: 'The program fusermount, which mounts drives, is not installed.',
        remedy: 'Install it with "sudo apt install fuse" or "sudo apt install fuse3".',
      }
    case 'no-macfuse':
      return {
        code: 'fuse-missing',
        message: 'macFUSE, which mounts drives on a Mac, is not installed.',
        remedy:
          'Install it with "brew install --cask macfuse", allow it in System Settings under Privacy & Security, and restart.',
      }
    case 'not-permitted':
      return {
        code: 'fuse-not-permitted',
        message: 'You are not allowed to use /dev/fuse.',
        remedy: 'Ask an administrator to run "sudo chmod 666 /dev/fuse", or to add you to the group that owns it.',
      }
    case 'allow-other-forbidden':
      return {
        code: 'fuse-not-permitted',
        message: 'This machine does not let you share a drive with other users.',
        remedy: 'Add the line "user_allow_other" to /etc/fuse.conf, or mount the drive for yourself only.',
      }
  }
}

function targetProblem(folder: string, target: TargetFact): Problem | undefined {
  switch (target.kind) {
    case 'missing':
      return {
        code: 'mountpoint-missing',
        message: `The folder ${folder} does not exist.`,
        remedy: 'Create it, or choose another folder for the drive.',
      }
    case 'not-directory':
      return {
        code: 'mountpoint-not-directory',
        message: `${folder} is a file, not a folder.`,
        remedy: 'Choose an empty folder for the drive.',
      }
    case 'not-permitted':
      return notPermitted(folder, target.detail)
    case 'stale':
      return stale(folder)
    case 'mounted':
      return {
        code: 'mountpoint-busy',
        message: `Something else is already mounted on ${folder}: ${target.by.source} (${target.by.type}).`,
        remedy: 'Unmount that first, or choose another folder.',
      }
    case 'inside-drive':
      return {
        code: 'mountpoint-inside-drive',
        message: `${folder} lies inside another drive, ${target.drive.mountpoint}.`,
        remedy: 'Choose a folder on a local disk: a drive inside a drive would stop with the outer one.',
      }
    case 'directory':
      if (!target.isEmpty) {
        return {
          code: 'mountpoint-not-empty',
          message: `The folder ${folder} is not empty.`,
          consequence: 'Nothing in it was touched.',
          remedy: 'Choose an empty folder: a drive hides what lies under it.',
        }
      }
      return target.isWritable ? undefined : notPermitted(folder)
  }
}

function stale(folder: string): Problem {
  return {
    code: 'mountpoint-stale',
    message: `${folder} still holds a drive whose program ended.`,
    remedy: `Detach it with "fusermount -uz '${folder}'", then mount again.`,
  }
}

function notPermitted(folder: string, detail?: string): Problem {
  return {
    code: 'mountpoint-not-permitted',
    message: `You are not allowed to mount a drive on ${folder}.`,
    remedy: 'Choose a folder in your home, or make this one your own.',
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
