/** What programs do: each step picks something and does it to the drive and to the reference. */
import { expect } from 'vitest'
import { FsError } from '../../fuse/kernel.ts'
import { caller } from '../local-drive.ts'
import { expectSameBytes, readHandle } from './compare.ts'
import { refDirectory, refFile, type RefFile } from './reference.ts'
import type { OpenHandle, Run } from './run.ts'

const openFlags = { truncate: 0o1000, writeOnly: 1, readWrite: 2 } as const
const chunkBytes = 8 * 1024 * 1024

export async function create(run: Run, path = run.anyPath()): Promise<OpenHandle | undefined> {
  const mode = run.random.pick([0o644, 0o600, 0o755])
  const file = refFile(mode, run.nowMs)
  const done = await run.both(
    `create ${path}`,
    () => run.operations.create(path, mode, caller),
    () => run.reference.add(path, file),
  )
  return done && keep(run, { id: done.real, file, isReadable: true, isWritable: true })
}

function keep(run: Run, handle: OpenHandle): OpenHandle {
  handle.file.openHandles++
  run.handles.push(handle)
  return handle
}

async function openSome(run: Run): Promise<void> {
  const path = run.knownPath()
  if (run.kindAt(path) === 'symlink') return
  const access = run.random.pick([0, openFlags.writeOnly, openFlags.readWrite])
  await open(run, path, access, access !== 0 && run.random.chance(0.2))
}

export async function open(
  run: Run,
  path: string,
  access: number,
  truncates: boolean,
): Promise<OpenHandle | undefined> {
  const done = await run.both(
    `open ${path} ${access}${truncates ? ' O_TRUNC' : ''}`,
    () => run.operations.open(path, access | (truncates ? openFlags.truncate : 0)),
    () => {
      const file = run.reference.file(path)
      if (truncates) run.reference.truncate(file, 0, run.nowMs)
      return file
    },
  )
  if (done === undefined) return undefined
  const [isReadable, isWritable] = [access !== openFlags.writeOnly, access !== 0]
  return keep(run, { id: done.real, file: done.model, isReadable, isWritable })
}

export async function write(run: Run, handle = run.random.maybePick(run.handles)): Promise<void> {
  if (handle === undefined) return
  const size = handle.file.content.length
  const offset = offsetFor(run, size)
  const bytes = run.random.bytes(1 + run.random.below(run.random.chance(0.1) ? 9_000 : 300))
  await run.both(
    `write #${handle.id} ${offset}+${bytes.length}`,
    () => run.operations.write(handle.id, bytes, offset),
    () => {
      if (!handle.isWritable) throw new FsError('EBADF')
      run.reference.write(handle.file, bytes, offset, run.nowMs)
    },
  )
}

function offsetFor(run: Run, size: number): number {
  const isLarge = run.hasLargeFiles && run.random.chance(0.04) && largeFiles(run) < 2
  if (isLarge) return chunkBytes * (1 + run.random.below(2)) - 150 + run.random.below(200)
  if (size > chunkBytes && run.random.chance(0.3)) return chunkBytes - 100 + run.random.below(200)
  return run.random.chance(0.4) ? size : run.random.below(Math.min(size, 50_000) + 400)
}

const largeFiles = (run: Run): number => run.nodes('file').filter(({ node }) => node.content.length > chunkBytes).length

async function read(run: Run): Promise<void> {
  const handle = run.random.maybePick(run.handles.filter(({ isReadable }) => isReadable))
  if (handle === undefined) return
  const { content } = handle.file
  const offset = run.random.below(content.length + 10)
  const length = 1 + run.random.below(run.random.chance(0.3) ? 20_000 : 500)
  const done = await run.both(
    `read #${handle.id} ${offset}+${length}`,
    () => readHandle(run.operations, handle.id, offset, length),
    () => content.subarray(offset, offset + length),
  )
  if (done !== undefined) expectSameBytes(done.real, done.model, `bytes ${offset}+${length} of #${handle.id}`)
  const size = (await run.operations.fgetattr(undefined, handle.id)).size
  expect(size, `size of #${handle.id}`).toBe(content.length)
}

async function ftruncate(run: Run): Promise<void> {
  const handle = run.random.maybePick(run.handles.filter(({ isWritable }) => isWritable))
  if (handle === undefined) return
  const size = run.random.below(handle.file.content.length * 2 + 50)
  if (size > 3 * chunkBytes) return
  await run.both(
    `ftruncate #${handle.id} ${size}`,
    () => run.operations.ftruncate(handle.id, size),
    () => run.reference.truncate(handle.file, size, run.nowMs),
  )
}

async function truncate(run: Run): Promise<void> {
  const path = run.knownPath()
  if (run.kindAt(path) === 'symlink') return
  const size = run.random.chance(0.2) ? 0 : run.random.below(1_500)
  await run.both(
    `truncate ${path} ${size}`,
    () => run.operations.truncate(path, size),
    () => run.reference.truncate(run.reference.file(path), size, run.nowMs),
  )
}

async function flush(run: Run): Promise<void> {
  const handle = run.random.maybePick(run.handles)
  if (handle === undefined) return
  run.note(`flush #${handle.id}`)
  const isFlush = run.random.chance(0.5)
  await run.promise(handle, () => (isFlush ? run.operations.flush(handle.id) : run.operations.fsync(handle.id, false)))
}

async function close(run: Run): Promise<void> {
  const handle = run.random.maybePick(run.handles)
  if (handle === undefined) return
  run.note(`close #${handle.id}`)
  await run.close(handle)
}

/** As libfuse does it without `hard_remove`: the name goes at once, the file with its last handle. */
async function hideIfOpen(run: Run, path: string): Promise<boolean> {
  const node = run.reference.find(path)
  if (node?.kind !== 'file' || node.openHandles === 0 || run.random.chance(0.4)) return true
  const hiddenName = `.fuse_hidden${run.freshName('').padStart(16, '0')}`
  const parent = path.slice(0, path.lastIndexOf('/'))
  const done = await run.both(
    `hide ${path}`,
    () => run.operations.rename(path, `${parent}/${hiddenName}`),
    () => run.reference.unlink(path),
  )
  if (done !== undefined) node.hiddenName = hiddenName
  return done !== undefined
}

async function unlink(run: Run): Promise<void> {
  const path = run.knownPath()
  const node = kindOf(run, path) === 'file' ? (run.reference.find(path) as RefFile) : undefined
  if (node !== undefined && node.openHandles > 0) {
    if (!(await hideIfOpen(run, path)) || node.hiddenName !== undefined) return
  }
  await run.both(
    `unlink ${path}`,
    () => run.operations.unlink(path),
    () => run.reference.unlink(path),
  )
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

const kindOf = (run: Run, path: string): string | undefined => run.kindAt(path)

export async function rename(run: Run, from = run.knownPath(), to = run.anyPath()): Promise<boolean> {
  // Which of two wrong paths is named is the kernel's business: it looks both up before it asks.
  if (kindOf(run, parentOf(from)) !== 'directory' && kindOf(run, parentOf(to)) !== 'directory') return false
  const isOntoFile = kindOf(run, to) === 'file' && kindOf(run, from) === 'file' && from !== to
  if (isOntoFile && !(await hideIfOpen(run, to))) return false
  const done = await run.both(
    `rename ${from} ${to}`,
    () => run.operations.rename(from, to),
    () => run.reference.rename(from, to),
  )
  return done !== undefined
}

/** a→t, b→a, and so on round: every name ends up with another's content. */
async function rotate(run: Run): Promise<void> {
  const all = [...run.reference.walk()].filter(({ node }) => node.kind !== 'directory' || run.random.chance(0.5))
  const paths = [...new Set([run.random.maybePick(all), run.random.maybePick(all), run.random.maybePick(all)])]
    .filter((one) => one !== undefined)
    .map(({ path }) => path)
  const [first] = paths
  if (first === undefined || paths.some((one) => paths.some((two) => one !== two && two.startsWith(`${one}/`)))) return
  const temporary = `/${run.freshName('temp')}`
  if (!(await rename(run, first, temporary))) return
  for (let index = 1; index < paths.length; index++) {
    if (!(await rename(run, paths[index] ?? '', paths[index - 1] ?? ''))) return
  }
  await rename(run, temporary, paths.at(-1) ?? first)
}

/** Write beside it, sync, rename over it. */
async function save(run: Run): Promise<void> {
  const target = run.random.maybePick(run.nodes('file'))?.path ?? run.anyPath()
  if (kindOf(run, target) === 'directory') return
  const temporary = `${target.slice(0, target.lastIndexOf('/'))}/${run.freshName('.save')}`
  const handle = await create(run, temporary)
  if (handle === undefined) return
  await write(run, handle)
  if (run.random.chance(0.3)) await run.promise(handle, () => run.operations.fsync(handle.id, false))
  await run.close(handle)
  await rename(run, temporary, target)
}

async function mkdir(run: Run): Promise<void> {
  const path = run.anyPath()
  const mode = run.random.pick([0o755, 0o700, 0o775])
  await run.both(
    `mkdir ${path}`,
    () => run.operations.mkdir(path, mode, caller),
    () => run.reference.add(path, refDirectory(mode)),
  )
}

async function rmdir(run: Run): Promise<void> {
  const path = run.random.chance(0.8) ? (run.random.maybePick(run.nodes('directory'))?.path ?? '/a') : run.knownPath()
  await run.both(
    `rmdir ${path}`,
    () => run.operations.rmdir(path),
    () => run.reference.rmdir(path),
  )
}

async function mknod(run: Run): Promise<void> {
  const path = run.anyPath()
  await run.both(
    `mknod ${path}`,
    () => run.operations.mknod(path, 0o100640, 0, caller),
    () => run.reference.add(path, refFile(0o640, run.nowMs)),
  )
}

async function list(run: Run): Promise<void> {
  const path = run.random.chance(0.8) ? (run.random.maybePick(run.nodes('directory'))?.path ?? '/') : run.knownPath()
  if (kindOf(run, path) !== 'directory') return
  const done = await run.both(
    `readdir ${path}`,
    () => run.operations.readdir(path),
    () => [...(run.reference.get(path) as { children: Map<string, unknown> }).children.keys()],
  )
  if (done !== undefined) expect([...done.real].sort(), `readdir ${path}`).toEqual(done.model.sort())
}

/** Weights beside steps: content changes most, as in life. */
export const programSteps: Record<string, { weight: number; run: (run: Run) => Promise<unknown> }> = {
  create: { weight: 12, run: (run) => create(run) },
  open: { weight: 12, run: openSome },
  write: { weight: 22, run: (run) => write(run) },
  read: { weight: 8, run: read },
  ftruncate: { weight: 4, run: ftruncate },
  truncate: { weight: 4, run: truncate },
  flush: { weight: 5, run: flush },
  close: { weight: 22, run: close },
  unlink: { weight: 7, run: unlink },
  rename: { weight: 12, run: (run) => rename(run) },
  rotate: { weight: 4, run: rotate },
  save: { weight: 5, run: save },
  mkdir: { weight: 9, run: mkdir },
  rmdir: { weight: 5, run: rmdir },
  mknod: { weight: 2, run: mknod },
  list: { weight: 5, run: list },
}
