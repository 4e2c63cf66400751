import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileEntry, FileMatches } from '../../contracts/file.ts'
import type { WorkerParams, WorkerRequestName, WorkerResult } from '../../contracts/worker-protocol.ts'
import { createObjectStore } from '../s3/sdk-store.ts'
import type { ObjectStore } from '../s3/store.ts'
import { mount, mountParams } from '../testing/mounted-fs.ts'
import { startS3Target, type S3Target } from '../testing/s3-target.ts'
import type { WorkerProcess } from '../testing/worker-process.ts'

const deadlineMs = 60_000
const prefix = 'some/where/'
let target: S3Target
let base: string
let mountpoint: string
let worker: WorkerProcess
let store: ObjectStore

const ask = <N extends WorkerRequestName>(name: N, params: WorkerParams<N>): Promise<WorkerResult<N>> =>
  worker.link.request(name, params, { deadlineMs })
const at = (path: string): string => join(mountpoint, path)

beforeAll(async () => {
  target = await startS3Target()
  base = await mkdtemp(join(tmpdir(), 'cloudmount-files-'))
  mountpoint = join(base, 'mount')
  await mkdir(mountpoint)
  const cacheDirectory = join(base, 'cache')
  worker = await mount(mountParams({ target, prefix, mountpoint, cacheDirectory, options: {} }))
  store = createObjectStore({ account: target.account, secret: target.secret, bucket: target.bucket })
}, 120_000)
afterAll(async () => {
  await ask('drive:unmount', { pending: 'leave', isForced: true }).catch(() => undefined)
  await worker.end()
  store.close()
  await rm(base, { recursive: true, force: true })
  await target.stop()
})

async function rows(path: string): Promise<FileEntry[]> {
  const query = { path, sort: 'name', isDescending: false, from: 0, count: 1_000 } as const
  await expect.poll(async () => (await ask('file:list', query)).listing.state, { timeout: 30_000 }).toBe('known')
  return (await ask('file:list', query)).entries
}

async function found(text: string): Promise<string[]> {
  let matches: FileMatches | undefined
  await expect
    .poll(async () => (matches = await ask('file:search', { text, limit: 100 })).isIndexing, { timeout: 30_000 })
    .toBe(false)
  return (matches?.matches ?? []).map(({ path }) => path)
}

describe('the files of a mounted drive', () => {
  it('are listed with what programs just wrote, and their badges follow the upload', async () => {
    await mkdir(at('docs'))
    await writeFile(at('docs/plan 10.txt'), 'ten')
    await writeFile(at('docs/plan 9.txt'), 'nine')
    expect((await rows('docs')).map(({ name }) => name)).toEqual(['plan 9.txt', 'plan 10.txt'])
    await ask('drive:sync', { deadlineMs })
    expect((await rows('docs')).map(({ badge }) => badge)).toEqual(['cached', 'cached'])
  })

  it('are found by parts of their names', async () => {
    await writeFile(at('docs/Übersicht.txt'), 'x')
    expect(await found('ubersi')).toEqual(['docs/Übersicht.txt'])
  })

  it('tell of their objects, and can be kept, released and freed', async () => {
    await writeFile(at('docs/big'), 'x'.repeat(100_000))
    await ask('drive:sync', { deadlineMs })
    const { bucket } = await ask('file:properties', { path: 'docs/big' })
    expect(bucket).toMatchObject({ state: 'there', object: { key: `${prefix}docs/big`, sizeBytes: 100_000 } })
    await ask('file:keep', { paths: ['docs'] })
    expect((await rows('')).find(({ name }) => name === 'docs')).toMatchObject({ badge: 'pinned', kept: 'itself' })
    expect(await ask('file:free', { paths: ['docs/big'] })).toMatchObject({
      freedBytes: 0,
      stays: [{ reason: 'kept' }],
    })
    await ask('file:release', { paths: ['docs'] })
    expect(await ask('file:free', { paths: ['docs/big'] })).toMatchObject({ freedFiles: 1, freedBytes: 100_000 })
    expect((await rows('docs')).find(({ name }) => name === 'big')?.badge).toBe('online-only')
    expect((await readFile(at('docs/big'), 'utf8')).length).toBe(100_000)
  })

  it('are shared by a link that anybody can follow until it ends', async () => {
    await writeFile(at("docs/it's (50%) + more ü.txt"), 'shared')
    await ask('drive:sync', { deadlineMs })
    const before = Date.now()
    const path = "docs/it's (50%) + more ü.txt"
    const { url, expiresAt, ...rest } = await ask('file:share', { path, expiresInSeconds: 600 })
    expect(rest).toEqual({ isShortened: false, endsWithSession: false })
    expect(Math.abs(expiresAt - before - 600_000)).toBeLessThan(60_000)
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toEqual([200, 'shared'])
    expect((await fetch(url.replace('X-Amz-Expires=600', 'X-Amz-Expires=6000'))).status).toBe(403)
    const short = await ask('file:share', { path, expiresInSeconds: 60 })
    expect(short.expiresAt).toBeLessThan(expiresAt)
  })

  it('are made, renamed and deleted, never onto others', async () => {
    expect(await ask('file:makeFolder', { path: '', name: 'made' })).toEqual({ path: 'made' })
    await expect(ask('file:makeFolder', { path: '', name: 'made' })).rejects.toMatchObject({
      problem: { code: 'already-exists' },
    })
    await writeFile(at('made/one'), '1')
    await writeFile(at('made/two'), '2')
    await expect(ask('file:rename', { path: 'made/one', name: 'two' })).rejects.toMatchObject({
      problem: { code: 'already-exists' },
    })
    expect(await ask('file:rename', { path: 'made/one', name: 'three' })).toEqual({ path: 'made/three' })
    const { outcomes } = await ask('file:delete', { paths: ['made', 'not there'] })
    expect(outcomes).toMatchObject([{ outcome: 'done' }, { outcome: 'failed', problem: { code: 'not-found' } }])
    expect((await rows('')).map(({ name }) => name)).not.toContain('made')
  })

  it('are downloaded beside what is there, with folders, and nothing is written over', async () => {
    await mkdir(at('out/deep'), { recursive: true })
    await writeFile(at('out/deep/file.tar.gz'), 'from the drive')
    const folder = await mkdtemp(join(tmpdir(), 'cloudmount-out-'))
    await mkdir(join(folder, 'out'))
    await writeFile(join(folder, 'file.tar.gz'), 'mine')
    const { outcomes } = await ask('file:download', { paths: ['out', 'out/deep/file.tar.gz', 'gone'], target: folder })
    expect(outcomes).toMatchObject([
      { outcome: 'done', target: join(folder, 'out (2)') },
      { outcome: 'done', target: join(folder, 'file (2).tar.gz') },
      { outcome: 'failed', problem: { code: 'not-found' } },
    ])
    expect(await readFile(join(folder, 'out (2)/deep/file.tar.gz'), 'utf8')).toBe('from the drive')
    expect(await readFile(join(folder, 'file.tar.gz'), 'utf8')).toBe('mine')
    expect((await readdir(folder)).toSorted()).toEqual(['file (2).tar.gz', 'file.tar.gz', 'out', 'out (2)'])
    await expect(ask('file:download', { paths: ['out'], target: at('docs') })).rejects.toMatchObject({
      problem: { code: 'invalid-input' },
    })
    await rm(folder, { recursive: true })
  })

  it('are uploaded from folders of this computer; for names that are taken it is asked first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cloudmount-in-'))
    await mkdir(join(folder, 'dropped/deep'), { recursive: true })
    await writeFile(join(folder, 'dropped/deep/file.txt'), 'dropped')
    await writeFile(join(folder, 'single.txt'), 'first')
    const sources = [join(folder, 'dropped'), join(folder, 'single.txt')]
    await mkdir(at('in'))
    const first = await ask('file:upload', { path: 'in', sources })
    expect(first).toMatchObject({ clashes: [], outcomes: [{ target: 'in/dropped' }, { target: 'in/single.txt' }] })
    await writeFile(join(folder, 'single.txt'), 'second')
    expect(await ask('file:upload', { path: 'in', sources })).toEqual({
      outcomes: [],
      clashes: ['dropped', 'single.txt'],
    })
    const skipped = await ask('file:upload', { path: 'in', sources, onClash: 'skip' })
    expect(skipped.outcomes).toMatchObject([{ outcome: 'skipped' }, { outcome: 'skipped' }])
    const renamed = await ask('file:upload', { path: 'in', sources, onClash: 'rename' })
    expect(renamed.outcomes).toMatchObject([{ target: 'in/dropped (2)' }, { target: 'in/single (2).txt' }])
    const replaced = await ask('file:upload', { path: 'in', sources: [sources[1]!], onClash: 'replace' })
    expect(replaced.outcomes).toMatchObject([{ outcome: 'done', target: 'in/single.txt' }])
    await ask('drive:sync', { deadlineMs })
    const keys = (await store.list({ prefix: `${prefix}in/` })).objects.map(({ key }) => key.slice(prefix.length))
    expect(keys.filter((key) => !key.endsWith('/'))).toEqual([
      ...['in/dropped (2)/deep/file.txt', 'in/dropped/deep/file.txt', 'in/single (2).txt', 'in/single.txt'],
    ])
    const { body } = await store.get(`${prefix}in/single.txt`, {})
    let text = ''
    for await (const bytes of body) text += Buffer.from(bytes).toString()
    expect(text).toBe('second')
    expect((await rows('in')).map(({ name }) => name)).toEqual([
      'dropped',
      'dropped (2)',
      'single (2).txt',
      'single.txt',
    ])
    await rm(folder, { recursive: true })
  })
})
