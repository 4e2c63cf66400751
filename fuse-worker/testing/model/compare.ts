/** Whether the drive, the bucket and the reference say the same. Each function throws with the first difference. */
import { expect } from 'vitest'
import type { KernelOperations } from '../../fuse/kernel.ts'
import type { MemoryStore } from '../memory-store.ts'
import type { RefDirectory, RefNode, Reference } from './reference.ts'

const typeOf = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const

export type Depth = { contents: boolean; inodes: boolean }

export async function compareTree(
  operations: KernelOperations,
  directory: RefDirectory,
  path: string,
  depth: Depth,
): Promise<void> {
  const names = await operations.readdir(path === '' ? '/' : path)
  expect([...names].sort(), `entries of ${path}/`).toEqual([...directory.children.keys()].sort())
  for (const [name, node] of directory.children) {
    const childPath = `${path}/${name}`
    await compareNode(operations, node, childPath, depth)
    if (node.kind === 'directory') await compareTree(operations, node, childPath, depth)
  }
}

export async function compareNode(
  operations: KernelOperations,
  node: RefNode,
  path: string,
  depth: Depth,
): Promise<void> {
  const stat = await operations.getattr(path)
  expect(stat.mode.toString(8), `mode of ${path}`).toBe((typeOf[node.kind] | node.mode).toString(8))
  if (depth.inodes) {
    node.ino ??= stat.ino
    expect(stat.ino, `inode number of ${path}`).toBe(node.ino)
  }
  if (node.kind === 'directory') return
  if (node.mtimeMs !== undefined) expect(Math.round(stat.mtimeMs), `mtime of ${path}`).toBe(Math.round(node.mtimeMs))
  if (node.kind === 'symlink') {
    expect(await operations.readlink(path), `target of ${path}`).toBe(node.target)
    return
  }
  expect(stat.size, `size of ${path}`).toBe(node.content.length)
  await compareXattrs(operations, node, path)
  if (depth.contents) {
    const content = await readAll(operations, path, stat.size)
    expectSameBytes(content, node.content, `content of ${path}`)
  }
}

async function compareXattrs(operations: KernelOperations, node: RefNode, path: string): Promise<void> {
  const names = await operations.listxattr(path)
  expect([...names].sort(), `attributes of ${path}`).toEqual([...node.xattrs.keys()].sort())
  for (const [name, value] of node.xattrs) {
    expect((await operations.getxattr(path, name))?.toString('latin1'), `${name} of ${path}`).toBe(value)
  }
}

export async function readAll(operations: KernelOperations, path: string, size: number): Promise<Buffer> {
  const handle = await operations.open(path, 0)
  try {
    return await readHandle(operations, handle, 0, size + 1)
  } finally {
    await operations.release(handle)
  }
}

export async function readHandle(
  operations: KernelOperations,
  handle: number,
  offset: number,
  length: number,
): Promise<Buffer> {
  const buffer = Buffer.alloc(length, 0xee)
  const count = await operations.read(handle, buffer, offset)
  return buffer.subarray(0, count)
}

export function expectSameBytes(actual: Buffer, wanted: Buffer, what: string): void {
  if (actual.equals(wanted)) return
  let at = 0
  while (actual[at] === wanted[at]) at++
  const near = (bytes: Buffer): string => bytes.subarray(at, at + 16).toString('hex')
  expect.fail(
    `${what}: ${actual.length} bytes instead of ${wanted.length}, different from ${at} on: ` +
      `${near(actual)} instead of ${near(wanted)}`,
  )
}

/** Every file under its key, a folder there by its marker or by what is in it, and nothing else. */
export function compareBucket(bucket: MemoryStore, reference: Reference): void {
  const nodes = new Map([...reference.walk()].map(({ path, node }) => [path.slice(1), node]))
  for (const key of bucket.keys()) {
    const isMarker = key.endsWith('/')
    const node = nodes.get(isMarker ? key.slice(0, -1) : key)
    if (node === undefined) expect.fail(`a stray key in the bucket: ${key}`)
    expect(node.kind === 'directory', `${key} stands for a ${node.kind}`).toBe(isMarker)
  }
  for (const [key, node] of nodes) {
    if (node.kind === 'directory') {
      const isThere = bucket.keys().some((one) => one.startsWith(`${key}/`))
      expect(isThere, `the folder ${key}/ is in the bucket`).toBe(true)
      continue
    }
    const body = bucket.peek(key)
    if (body === undefined) expect.fail(`missing in the bucket: ${key}`)
    expectSameBytes(body, node.kind === 'file' ? node.content : Buffer.from(node.target), `object ${key}`)
  }
}
