/**
 * What a process that dies now leaves behind: its cache directory, the bucket, and what programs had been promised. Copied when it
 * happens, judged later: a drive opened on the copy must show the state before or after the call that was under way, and
 * bring exactly that to the copy of the bucket.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ConsistencyMode } from '../../../contracts/drive.ts'
import type { KernelOperations } from '../../fuse/kernel.ts'
import { drained, openTestDrive } from '../local-drive.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MemoryStore } from '../memory-store.ts'
import { compareBucket, expectSameBytes, readAll } from '../model/compare.ts'
import { Reference, refDirectory, refFile, type RefDirectory, type RefNode } from '../model/reference.ts'
import { watched, type CrashWatcher } from './crash-points.ts'

/** A copy of the reference's tree; `origin` tells which node of it each one was. */
type Promised = Map<string, { node: RefNode; origin: RefNode }>

export type Snapshot = {
  /** Where in the run it was taken. */
  label: string
  directory: string
  bucket: MemoryStore
  nowMs: number
  before: Promised
  /** Undefined while the call is under way. */
  after: Promised | undefined
}

export function promisedBy(reference: Reference): Promised {
  const promised: Promised = new Map()
  for (const { path, node } of reference.walk()) {
    const copy = { ...node, xattrs: new Map(node.xattrs) }
    promised.set(path, { node: copy, origin: node })
  }
  return promised
}

export function takeSnapshot(from: Omit<Snapshot, 'after'> & { source: string }): Snapshot {
  const { source, ...rest } = from
  copyFiles(source, rest.directory)
  return { ...rest, bucket: rest.bucket.fork(), after: undefined }
}

/** Most folders of a cache are empty, and are made again when it is opened. */
function copyFiles(from: string, to: string): void {
  const entries = readdirSync(from, { withFileTypes: true })
  if (entries.length > 0) mkdirSync(to, { recursive: true })
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyFiles(source, target)
    else copyFileSync(source, target)
  }
}

/** Throws where something acknowledged is missing, torn, or not exactly once in the bucket. Removes the copy. */
export async function judge(
  snapshot: Snapshot,
  options: { consistency: ConsistencyMode; watcher?: CrashWatcher },
): Promise<void> {
  const { label, directory, bucket, before } = snapshot
  const clock = new ManualClock(snapshot.nowMs)
  const open = (): ReturnType<typeof openTestDrive> =>
    openTestDrive({ store: bucket, cacheDirectory: directory, identity: 'model', clock, ...options })
  const drive = options.watcher === undefined ? open() : watched(options.watcher, open)
  try {
    const found = await readTree(drive.operations)
    expectPromised(found, before, snapshot.after ?? before, label)
    expect(await drained(drive, clock), `operations left, ${label}`).toBe(0)
    compareBucket(bucket, found)
    await clock.advance(1_000)
    // One whose id never got here cannot be told from another client's. It holds no part, and so costs nothing.
    const holding = bucket.openUploads().filter((parts) => parts > 0)
    expect(holding, `parts left in uploads nobody completes, ${label}`).toEqual([])
  } finally {
    await drive.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function readTree(operations: KernelOperations): Promise<Reference> {
  const reference = new Reference()
  await readInto(operations, reference.root, '')
  return reference
}

async function readInto(operations: KernelOperations, directory: RefDirectory, path: string): Promise<void> {
  for (const name of await operations.readdir(path === '' ? '/' : path)) {
    const childPath = `${path}/${name}`
    const node = await readNode(operations, childPath)
    directory.children.set(name, node)
    if (node.kind === 'directory') await readInto(operations, node, childPath)
  }
}

async function readNode(operations: KernelOperations, path: string): Promise<RefNode> {
  const stat = await operations.getattr(path)
  const mode = stat.mode & 0o7777
  switch (stat.mode & 0o170000) {
    case 0o040000:
      return refDirectory(mode)
    case 0o120000:
      return { ...refFile(mode, stat.mtimeMs), kind: 'symlink', target: await operations.readlink(path) }
    default: {
      const file = refFile(mode, stat.mtimeMs, Buffer.from(await readAll(operations, path, stat.size)))
      for (const name of await operations.listxattr(path)) {
        file.xattrs.set(name, (await operations.getxattr(path, name))?.toString('latin1') ?? '')
      }
      return file
    }
  }
}

/** The found tree is the one before the call or the one after it, but for bytes nobody has been promised. */
function expectPromised(found: Reference, before: Promised, after: Promised, label: string): void {
  const problems = [before, after].map((promised) => problemWith(found, promised, promised === before ? after : before))
  if (problems.some((problem) => problem === undefined)) return
  expect.fail(`${label}\nnot the state before: ${problems[0]}\nnor the state after: ${problems[1]}`)
}

function problemWith(found: Reference, wanted: Promised, other: Promised): string | undefined {
  const there = [...found.walk()]
  const names = there.map(({ path }) => path).sort()
  const wantedNames = [...wanted.keys()].sort()
  if (names.join() !== wantedNames.join()) return `${names.join(' ')} instead of ${wantedNames.join(' ')}`
  const byOrigin = new Map([...other.values()].map(({ node, origin }) => [origin, node]))
  for (const { path, node } of there) {
    const promise = wanted.get(path)
    if (promise === undefined) return `${path} is too many`
    const problem = differenceOf(node, promise.node, byOrigin.get(promise.origin) ?? promise.node)
    if (problem !== undefined) return `${path}: ${problem}`
  }
  return undefined
}

function differenceOf(found: RefNode, wanted: RefNode, other: RefNode): string | undefined {
  if (found.kind !== wanted.kind) return `a ${found.kind} instead of a ${wanted.kind}`
  if (found.mode !== wanted.mode) return `mode ${found.mode.toString(8)} instead of ${wanted.mode.toString(8)}`
  if (found.kind === 'symlink' && wanted.kind === 'symlink' && found.target !== wanted.target) return 'another target'
  if (found.kind !== 'file' || wanted.kind !== 'file' || other.kind !== 'file') return undefined
  const xattrs = (node: RefNode): string => JSON.stringify([...node.xattrs].sort())
  if (xattrs(found) !== xattrs(wanted)) return 'other attributes'
  const candidates = [...new Set([wanted.durable, wanted.content, other.durable, other.content])]
  if (candidates.length === 1 && wanted.mtimeMs === other.mtimeMs && wanted.mtimeMs !== undefined) {
    if (Math.round(found.mtimeMs ?? 0) !== Math.round(wanted.mtimeMs)) return 'another time of modification'
  }
  return impossibility(found.content, candidates)
}

/** Each byte is one of those the file had there, or a hole; one candidate leaves no choice. */
function impossibility(found: Buffer, candidates: readonly Buffer[]): string | undefined {
  const [only] = candidates
  if (candidates.length === 1 && only !== undefined) {
    try {
      expectSameBytes(found, only, 'content')
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  if (candidates.some((one) => one.equals(found))) return undefined
  const sizes = candidates.map(({ length }) => length)
  if (found.length < Math.min(...sizes) || found.length > Math.max(...sizes)) return `${found.length} bytes`
  for (let at = 0; at < found.length; at++) {
    const isKnown = candidates.some((one) => one[at] === found[at] || (at >= one.length && found[at] === 0))
    if (!isKnown) return `byte ${at} is none the file ever had`
  }
  return undefined
}
