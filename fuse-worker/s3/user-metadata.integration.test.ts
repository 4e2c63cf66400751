/** The same objects through s3fs and rclone, in both directions. Skipped where the tools or FUSE are not installed. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startS3Target } from '../testing/s3-target.ts'
import type { S3Target } from '../testing/s3-target.ts'
import { createObjectStore } from './sdk-store.ts'
import type { ObjectStore } from './store.ts'
import { attributesFromMetadata, directoryContentType, metadataFromAttributes } from './user-metadata.ts'

const run = promisify(execFile)
const hasTool = (name: string): boolean => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const mtimeMs = 981173106789.123
const nothing = new Uint8Array()

let target: S3Target
let store: ObjectStore
let directory: string

beforeAll(async () => {
  target = await startS3Target()
  store = createObjectStore(target)
  directory = await mkdtemp(join(tmpdir(), 'cloudmount-tools-'))
})
afterAll(async () => {
  for (const object of (await store.list({ prefix: 'tools-' })).objects) await store.delete(object.key, {})
  store.close()
  await target.stop()
  await rm(directory, { recursive: true, force: true })
})

async function attributesOf(key: string) {
  const head = await store.head(key)
  if (!head) throw new Error(`${key} is not in the bucket`)
  return attributesFromMetadata(head)
}

async function textOf(key: string): Promise<string> {
  let text = ''
  for await (const chunk of (await store.get(key, {})).body) text += Buffer.from(chunk).toString()
  return text
}

async function putOurs(prefix: string): Promise<void> {
  const file = metadataFromAttributes({ mtimeMs, mode: 0o100640, uid: 1000, gid: 1001, writeId: 'w1' })
  const link = metadataFromAttributes({ mtimeMs, mode: 0o120777, uid: 0, gid: 0 })
  const folder = metadataFromAttributes({ mtimeMs, mode: 0o040750, uid: 0, gid: 0 })
  await store.put(`${prefix}file.txt`, Buffer.from('hello'), { metadata: file }, undefined)
  await store.put(`${prefix}link`, Buffer.from('tärget/ü'), { metadata: link }, undefined)
  await store.put(`${prefix}folder/`, nothing, { metadata: folder, contentType: directoryContentType }, undefined)
  await store.put(`${prefix}implied/below`, Buffer.from('x'), { metadata: file }, undefined)
}

describe.skipIf(!hasTool('s3fs') || !existsSync('/dev/fuse'))('s3fs', () => {
  let mount: string
  let s3fs: ChildProcess

  beforeAll(async () => {
    mount = join(directory, 'mount')
    const passwordFile = join(directory, 'keys')
    const { account, secret, bucket } = target
    const { accessKeyId } = account.credentials as { accessKeyId: string }
    await mkdir(mount)
    await writeFile(passwordFile, `${accessKeyId}:${secret.secretAccessKey}\n`, { mode: 0o600 })
    await putOurs('tools-s3fs/')
    const options = `passwd_file=${passwordFile},url=${account.endpoint},use_path_request_style,use_xattr`
    s3fs = spawn('s3fs', [bucket, mount, '-f', '-o', options], { stdio: 'ignore' })
    await vi.waitFor(async () => expect(await readFile('/proc/mounts', 'utf8')).toContain(` ${mount} `), {
      timeout: 20_000,
    })
  })
  afterAll(async () => {
    await run('fusermount', ['-u', mount]).catch(() => run('fusermount', ['-uz', mount]))
    await vi.waitFor(() => expect(s3fs.exitCode ?? s3fs.signalCode).not.toBeNull(), { timeout: 20_000 })
  })

  it('shows our files, symlinks and folders with their attributes', async () => {
    const at = (name: string): string => join(mount, 'tools-s3fs', name)
    const file = await lstat(at('file.txt'))
    expect({ mode: file.mode, uid: file.uid, gid: file.gid }).toEqual({ mode: 0o100640, uid: 1000, gid: 1001 })
    expect(Math.floor(file.mtimeMs / 1000)).toBe(981173106)
    expect(await readFile(at('file.txt'), 'utf8')).toBe('hello')
    expect(await readlink(at('link'))).toBe('tärget/ü')
    expect((await lstat(at('folder'))).mode).toBe(0o040750)
    expect((await lstat(at('implied'))).isDirectory()).toBe(true)
  })

  it('writes files, symlinks and folders whose attributes we read', async () => {
    const at = (name: string): string => join(mount, 'tools-s3fs', name)
    await mkdir(at('made'), { mode: 0o751 })
    await writeFile(at('made/file'), 'from s3fs')
    await chmod(at('made/file'), 0o604)
    await utimes(at('made/file'), 1, mtimeMs / 1000)
    await symlink('../file.txt', at('made/link'))
    expect(await attributesOf('tools-s3fs/made/')).toMatchObject({ isDirectory: true })
    const file = await attributesOf('tools-s3fs/made/file')
    expect(file).toMatchObject({ mode: 0o100604, uid: 0, gid: 0, isSymlink: false, foreign: {} })
    expect(Math.floor(file.mtimeMs! / 1000)).toBe(981173106)
    expect(await attributesOf('tools-s3fs/made/link')).toMatchObject({ isSymlink: true })
    expect(await textOf('tools-s3fs/made/link')).toBe('../file.txt')
  })

  it('agrees with us that an old marker without a slash is a folder', async () => {
    const metadata = metadataFromAttributes({ mtimeMs, mode: 0o040755 })
    await store.put('tools-s3fs/old', nothing, { metadata, contentType: directoryContentType }, undefined)
    expect((await lstat(join(mount, 'tools-s3fs', 'old'))).isDirectory()).toBe(true)
    expect(await attributesOf('tools-s3fs/old')).toMatchObject({ isDirectory: true })
  })
})

describe.skipIf(!hasTool('rclone'))('rclone', () => {
  async function rclone(...words: string[]): Promise<string> {
    const { account, secret, bucket } = target
    const { AWS_CA_BUNDLE: _, ...inherited } = process.env
    const settings = {
      TYPE: 's3',
      PROVIDER: 'Ceph',
      ENDPOINT: account.endpoint,
      ACCESS_KEY_ID: (account.credentials as { accessKeyId: string }).accessKeyId,
      SECRET_ACCESS_KEY: secret.secretAccessKey,
    }
    const remote = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`RCLONE_CONFIG_T_${key}`, value]))
    const env = { ...inherited, ...remote, RCLONE_CONFIG: join(directory, 'rclone.conf') }
    const { stdout } = await run(
      'rclone',
      words.map((word) => word.replace('BUCKET', `T:${bucket}`)),
      { env },
    )
    return stdout
  }

  it('shows our files with their times, and the bytes of a symlink as its target', async () => {
    await putOurs('tools-rclone/')
    type Entry = { Path: string; ModTime: string; Size: number; IsDir: boolean }
    const entries = JSON.parse(await rclone('lsjson', 'BUCKET/tools-rclone')) as Entry[]
    const byPath = new Map(entries.map((entry) => [entry.Path, entry]))
    expect(Date.parse(byPath.get('file.txt')!.ModTime)).toBe(Math.floor(mtimeMs))
    expect(byPath.get('folder')?.IsDir).toBe(true)
    expect(byPath.get('implied')?.IsDir).toBe(true)
    expect(await rclone('cat', 'BUCKET/tools-rclone/link')).toBe('tärget/ü')
  })

  it('writes files whose times, and with -M modes, we read', async () => {
    const source = join(directory, 'source')
    await mkdir(source)
    await writeFile(join(source, 'file'), 'from rclone', { mode: 0o604 })
    await utimes(join(source, 'file'), 1, mtimeMs / 1000)
    await rclone('copy', source, 'BUCKET/tools-rclone/plain')
    await rclone('copy', '-M', source, 'BUCKET/tools-rclone/full')
    const plain = await attributesOf('tools-rclone/plain/file')
    expect(Math.floor(plain.mtimeMs!)).toBe(Math.floor(mtimeMs))
    expect(plain.mode).toBeUndefined()
    expect(await attributesOf('tools-rclone/full/file')).toMatchObject({ mode: 0o100604, uid: 0, gid: 0 })
  })
})
