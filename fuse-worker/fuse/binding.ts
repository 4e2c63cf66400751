/**
 * The only file that knows the FUSE addon. Mounts a KernelOperations on a folder and takes it away again.
 * What holds: one event loop serves one mount, and nothing in this process may touch a path inside it. When `unmount`
 * has resolved unforced, every operation that was asked has been answered and no further one comes. `onDetached` is called
 * at most once, and never for an unmount of ours.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import type Fuse from '@cocalc/fuse-native'
import { ProblemError, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { listInWords } from '../../language/lists.ts'
import { detach } from './detach.ts'
import { describeHolders, findHolders } from './holders.ts'
import type { KernelMount, KernelMountOptions } from './kernel.ts'
import { driveSubtype, mountOn, mountsBelow, readMountTable } from './mount-table.ts'
import { clearStaleMount, inspectMountpoint, mountpointProblem } from './mountpoint.ts'
import { nativeOperations } from './native-operations.ts'
import type { NativeOperations } from './native-operations.ts'

type NativeOptions = { timeout: false; options: string[]; onEnded: () => void }

/** The addon's own types describe it before our patch. */
interface NativeMount {
  mount(done: (error: Error | null) => void): void
}
type NativeFuse = new (mountpoint: string, operations: NativeOperations, options: NativeOptions) => NativeMount

/** Throws ProblemError. A dead mount that a crash left on the folder is cleared away first. */
export async function mountKernel(options: KernelMountOptions): Promise<KernelMount> {
  const mountpoint = path.resolve(options.mountpoint)
  await clearStaleMount(mountpoint)
  const problem = mountpointProblem(await inspectMountpoint(mountpoint, options.allowOther))
  if (problem !== undefined) throw new ProblemError(problem)

  const life = new MountLife(options.onDetached)
  const native = new (loadAddon())(mountpoint, nativeOperations(options), {
    timeout: false,
    options: mountFlags(options),
    onEnded: () => life.end(),
  })
  await new Promise<void>((resolve, reject) => {
    native.mount((error) => (error === null ? resolve() : reject(mountFailed(mountpoint, error))))
  })
  return { mountpoint, unmount: ({ isForced }) => unmount(mountpoint, life, isForced) }
}

/** Only when something is mounted: on a computer without libfuse everything else of a worker works, such as testing an account. */
function loadAddon(): NativeFuse {
  try {
    const stock = createRequire(__filename)('@cocalc/fuse-native') as typeof Fuse
    return stock as unknown as NativeFuse
  } catch (error) {
    throw new ProblemError(addonProblem(error), { cause: error })
  }
}

function addonProblem(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error)
  if (!detail.includes('libfuse'))
    return {
      code: 'mount-failed',
      message: t('worker.addon-broken'),
      remedy: t('worker.addon-broken.remedy'),
      detail,
    }
  return {
    code: 'fuse-missing',
    message: t('worker.library-missing'),
    remedy: t('worker.library-missing.remedy'),
    detail,
  }
}

/** Knows whether the kernel's side of the mount is still there, and whether its end was our wish. */
class MountLife {
  readonly ended: Promise<void>
  #isEnding = false
  #hasEnded = false
  #resolve: () => void = () => undefined
  readonly #onDetached: () => void

  constructor(onDetached: () => void) {
    this.#onDetached = onDetached
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** From here on the end is ours. The result takes that back, for an attempt that failed. */
  beginEnding(): () => void {
    this.#isEnding = true
    return () => {
      this.#isEnding = false
    }
  }

  end(): void {
    this.#hasEnded = true
    this.#resolve()
    if (!this.#isEnding) this.#onDetached()
  }
}

async function unmount(mountpoint: string, life: MountLife, isForced: boolean): Promise<void> {
  if (life.hasEnded) return
  const giveUp = life.beginEnding()
  const polite = await detach(mountpoint, false)
  if (polite.kind === 'detached' || !(await isMounted(mountpoint))) return life.ended
  if (!isForced) {
    giveUp()
    throw await busyProblem(mountpoint, polite.detail)
  }
  const lazy = await detach(mountpoint, true)
  if (lazy.kind === 'detached' || !(await isMounted(mountpoint))) return
  giveUp()
  throw new ProblemError({
    code: 'drive-busy',
    message: t('worker.detach-failed', { mountpoint }),
    remedy: t('worker.detach-failed.remedy', { mountpoint }),
    detail: lazy.detail,
  })
}

/** Another program may have been faster. */
async function isMounted(mountpoint: string): Promise<boolean> {
  return mountOn(await readMountTable(), mountpoint) !== undefined
}

async function busyProblem(mountpoint: string, detail: string): Promise<ProblemError> {
  const holders = await findHolders(mountpoint)
  const below = mountsBelow(await readMountTable(), mountpoint).map((entry) => entry.mountpoint)
  const users = [
    ...(holders.length > 0 ? [describeHolders(holders)] : []),
    ...below.map((place) => t('worker.holder.mount', { place })),
  ]
  return new ProblemError({
    code: 'drive-busy',
    message:
      users.length > 0
        ? t('worker.drive-in-use', { mountpoint, users: listInWords(users) })
        : t('worker.drive-in-use.unknown', { mountpoint }),
    consequence: t('worker.drive-in-use.consequence'),
    remedy: t('worker.drive-in-use.remedy'),
    detail,
  })
}

/**
 * `use_ino`: programs that compare inode numbers (tar, rsync, cp) see ours. `auto_cache`: the kernel keeps the pages of a file
 * whose size and time stand still. Nothing can be invalidated from here, so the timeouts bound how old an answer is, and a
 * name that was absent is asked for again at once.
 */
function mountFlags(options: KernelMountOptions): string[] {
  return [
    `fsname=${escapeOption(options.sourceName.slice(0, 255))}`,
    `subtype=${driveSubtype}`,
    'big_writes',
    'use_ino',
    'auto_cache',
    'default_permissions',
    `entry_timeout=${options.attributeSeconds ?? 1}`,
    `attr_timeout=${options.attributeSeconds ?? 1}`,
    'negative_timeout=0',
    ...(options.isReadOnly ? ['ro'] : []),
    ...(options.allowOther ? ['allow_other'] : []),
    ...(process.platform === 'darwin' ? [`volname=${escapeOption(options.volumeName)}`] : []),
  ]
}

/** Commas part options, and a line break would part lines of the mount table. */
function escapeOption(text: string): string {
  return text.replace(/[\n\r\0]/g, ' ').replace(/[\\,]/g, '\\$&')
}

function mountFailed(mountpoint: string, cause: Error): ProblemError {
  return new ProblemError(
    {
      code: 'mount-failed',
      message: t('worker.mount-failed', { mountpoint }),
      remedy: t('worker.mount-failed.remedy'),
      detail: cause.message,
    },
    { cause },
  )
}
