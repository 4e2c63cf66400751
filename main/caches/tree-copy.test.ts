import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { copyTree, readTree, removeTrees, runsOfData } from './tree-copy.ts'

const disk = vi.hoisted(() => ({ isOther: true }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<Record<string, (...args: unknown[]) => Promise<unknown>>>()
  const link = (from: string, to: string) =>
    disk.isOther ? Promise.reject(Object.assign(new Error('EXDEV'), { code: 'EXDEV' })) : real['link']?.(from, to)
  return { ...real, link }
})

function places() {
  const base = tempFolder()
  const source = join(base, 'source')
  mkdirSync(join(source, 'content', '00'), { recursive: true })
  mkdirSync(join(source, 'empty'))
  writeFileSync(join(source, 'drive.sqlite'), 'a database')
  writeFileSync(join(source, 'content', '00', 'chunk'), Buffer.alloc(3_000_000, 'x'))
  writeFileSync(join(source, 'nothing'), '')
  return { base, source, target: join(base, 'target') }
}

const never = new AbortController().signal
const quiet = { signal: never, copied: () => {} }

it.each([
  ['copied', true],
  ['linked', false],
])('a tree is %s with everything in it', async (_how, isOther) => {
  disk.isOther = isOther
  const { source, target } = places()
  chmodSync(join(source, 'nothing'), 0o640)
  utimesSync(join(source, 'nothing'), 1000, 2000)
  const tree = await readTree(source)
  let done = 0
  await copyTree(source, target, tree, { signal: never, copied: (bytes) => (done += bytes) })
  expect(readdirSync(target, { recursive: true }).sort()).toEqual(readdirSync(source, { recursive: true }).sort())
  for (const { path } of tree.files)
    expect(readFileSync(join(target, path)).equals(readFileSync(join(source, path))), path).toBe(true)
  expect(done).toBe(tree.diskBytes)
  const { mode, mtimeMs, ino } = statSync(join(target, 'nothing'))
  expect([mode & 0o777, mtimeMs]).toEqual([0o640, 2_000_000])
  expect(ino === statSync(join(source, 'nothing')).ino).toBe(!isOther)
})

it('holes of a sparse file stay holes', async () => {
  disk.isOther = true
  const { source, target } = places()
  const sparse = join(source, 'sparse')
  writeFileSync(sparse, 'start')
  truncateSync(sparse, 64_000_000)
  await copyTree(source, target, await readTree(source), quiet)
  const copy = statSync(join(target, 'sparse'))
  expect(copy.size).toBe(64_000_000)
  expect(copy.blocks * 512).toBeLessThan(1_000_000)
  expect(readFileSync(join(target, 'sparse')).equals(readFileSync(sparse))).toBe(true)
})

it('only long runs of zeros are left out', () => {
  const piece = Buffer.alloc(200 * 1024)
  expect(runsOfData(piece)).toEqual([])
  piece[70 * 1024] = 1
  piece[199 * 1024] = 1
  expect(runsOfData(piece)).toEqual([
    { start: 64 * 1024, end: 128 * 1024 },
    { start: 192 * 1024, end: 200 * 1024 },
  ])
})

it('writes over nothing', async () => {
  disk.isOther = false
  const { source, target } = places()
  mkdirSync(target)
  await expect(copyTree(source, target, await readTree(source), quiet)).rejects.toMatchObject({ code: 'EEXIST' })
})

it('stops when it is cancelled, and writes no more afterwards', async () => {
  disk.isOther = true
  const { source, target } = places()
  for (let n = 0; n < 40; n++) writeFileSync(join(source, 'empty', String(n)), 'x')
  const cancelling = new AbortController()
  const tree = await readTree(source)
  const copying = copyTree(source, target, tree, { signal: cancelling.signal, copied: () => cancelling.abort() })
  await expect(copying).rejects.toMatchObject({ name: 'AbortError' })
  const names = readdirSync(target, { recursive: true })
  await new Promise((resolve) => setImmediate(resolve))
  expect(readdirSync(target, { recursive: true })).toEqual(names)
})

it('what is neither a file nor a folder stops it, but not counting', async () => {
  const { source } = places()
  symlinkSync('/nowhere', join(source, 'broken'))
  await expect(readTree(source)).rejects.toThrow()
  expect((await readTree(source, { isLoose: true })).files).toHaveLength(3)
})

it('removes what it is told, and the folder only when nothing else is in it', async () => {
  const { base } = places()
  await removeTrees(base, ['target', 'missing'])
  expect(readdirSync(base)).toEqual(['source'])
  writeFileSync(join(base, 'mine'), '')
  await removeTrees(base, ['source'])
  expect(readdirSync(base)).toEqual(['mine'])
})
