/** Steps on what a node carries beside its content. */
import { FsError } from '../../fuse/kernel.ts'
import { caller } from '../local-drive.ts'
import type { RefSymlink } from './reference.ts'
import type { Run } from './run.ts'

async function symlink(run: Run): Promise<void> {
  const path = run.anyPath()
  const target = run.random.pick(['a', '../b/c', '/absolute/päth', 'x'.repeat(300)])
  const node: RefSymlink = {
    kind: 'symlink',
    target,
    mode: 0o777,
    xattrs: new Map(),
    ino: undefined,
    mtimeMs: run.nowMs,
  }
  await run.both(
    `symlink ${path}`,
    () => run.operations.symlink(target, path, caller),
    () => run.reference.add(path, node),
  )
}

async function chmod(run: Run): Promise<void> {
  const path = run.knownPath()
  if (run.kindAt(path) === 'symlink') return
  const mode = run.random.pick([0o644, 0o600, 0o700, 0o755, 0o4755])
  await run.both(
    `chmod ${path} ${mode.toString(8)}`,
    () => run.operations.chmod(path, mode),
    () => {
      run.reference.get(path).mode = mode
    },
  )
}

async function utimens(run: Run): Promise<void> {
  const path = run.knownPath()
  if (run.kindAt(path) === 'directory') return
  const mtimeMs = 1_600_000_000_000 + run.random.below(1_000_000_000)
  const sets = run.random.chance(0.8)
  await run.both(
    `utimens ${path}`,
    () => run.operations.utimens(path, 'now', sets ? mtimeMs : undefined),
    () => {
      const node = run.reference.get(path)
      if (sets) node.mtimeMs = mtimeMs
    },
  )
}

const names = ['user.a', 'user.b'] as const

async function setxattr(run: Run): Promise<void> {
  const path = run.knownPath()
  const [name, flags] = [run.random.pick(names), run.random.pick([0, 0, 1, 2])]
  const value = run.random.bytes(run.random.below(40))
  await run.both(
    `setxattr ${path} ${name} ${flags}`,
    () => run.operations.setxattr(path, name, value, flags),
    () => {
      const { xattrs } = run.reference.get(path)
      if (flags === 1 && xattrs.has(name)) throw new FsError('EEXIST')
      if (flags === 2 && !xattrs.has(name)) throw new FsError('ENODATA')
      xattrs.set(name, value.toString('latin1'))
    },
  )
}

async function removexattr(run: Run): Promise<void> {
  const [path, name] = [run.knownPath(), run.random.pick(names)]
  await run.both(
    `removexattr ${path} ${name}`,
    () => run.operations.removexattr(path, name),
    () => {
      if (!run.reference.get(path).xattrs.delete(name)) throw new FsError('ENODATA')
    },
  )
}

export const attributeSteps = {
  symlink: { weight: 4, run: symlink },
  chmod: { weight: 3, run: chmod },
  utimens: { weight: 3, run: utimens },
  setxattr: { weight: 3, run: setxattr },
  removexattr: { weight: 1, run: removexattr },
}
