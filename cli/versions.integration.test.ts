import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBundles } from '../build/bundle.mjs'
import type { DeletedFile, FileVersions } from '../contracts/version.ts'
import { startDemoServer, type DemoServer } from '../demo-server/server.ts'
import { createObjectStore } from '../fuse-worker/s3/sdk-store.ts'
import type { ObjectStore } from '../fuse-worker/s3/store.ts'
import { testAccountAt } from '../fuse-worker/testing/s3-target.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const keys = { AWS_ACCESS_KEY_ID: 'TESTKEY', AWS_SECRET_ACCESS_KEY: 'test-secret' }

type Outcome = { code: number; stdout: string; stderr: string }

let base: string
let drive: string
let server: DemoServer
let bucket: ObjectStore

function cloudmount(...words: string[]): Promise<Outcome> {
  const env = { ...process.env, ...keys, XDG_RUNTIME_DIR: base, XDG_CACHE_HOME: join(base, 'cache') }
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'out/cli/cli.cjs'), ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const versionsOf = async (path: string): Promise<FileVersions['versions']> =>
  (JSON.parse((await cloudmount('versions', drive, path, '--json')).stdout) as FileVersions).versions

/** By another client, before the drive looks. */
async function put(key: string, ...contents: string[]): Promise<void> {
  for (const content of contents) await bucket.put(key, Buffer.from(content), { metadata: {} }, undefined)
}

beforeAll(async () => {
  await ensureBundles(root, ['worker', 'cli'], () => undefined)
  base = await mkdtemp(join(tmpdir(), 'cloudmount-cli-'))
  drive = join(base, 'drive')
  await mkdir(drive)
  server = await startDemoServer({
    users: [{ accessKeyId: keys.AWS_ACCESS_KEY_ID, secretAccessKey: keys.AWS_SECRET_ACCESS_KEY, policy: 'full' }],
    buckets: [{ name: 'test', versioning: true }],
  })
  const account = testAccountAt(server.endpoint, keys.AWS_ACCESS_KEY_ID)
  bucket = createObjectStore({ account, secret: { secretAccessKey: keys.AWS_SECRET_ACCESS_KEY }, bucket: 'test' })
  await put('docs/plan', 'the first plan', 'the plan')
  await put('docs/gone', 'old', 'last words')
  await put('docs/sub/also gone', 'deep')
  await bucket.delete('docs/gone', {})
  await bucket.delete('docs/sub/also gone', {})
  expect(await cloudmount('mount', 's3://test', drive, '--endpoint', server.endpoint)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await cloudmount('unmount', drive, '--leave', '--force')
  bucket.close()
  await server.stop()
  await rm(base, { recursive: true, force: true })
})

describe('cloudmount versions', () => {
  test('lists, saves and restores versions of a file', async () => {
    const { code, stdout } = await cloudmount('versions', drive, 'docs/plan')
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}8 bytes .* now$/),
      expect.stringMatching(/14 bytes/),
    ])
    const [, old] = await versionsOf(join(drive, 'docs/plan'))
    const saved = join(base, 'saved')
    expect(await cloudmount('versions', drive, 'docs/plan', saved, '--save', old!.versionId)).toMatchObject({ code: 0 })
    expect(await readFile(saved, 'utf8')).toBe('the first plan')
    const restored = await cloudmount('versions', drive, 'docs/plan', '--restore', old!.versionId)
    expect(restored).toMatchObject({ code: 0, stdout: '“docs/plan” has the content of that version again.\n' })
    expect(await readFile(join(drive, 'docs/plan'), 'utf8')).toBe('the first plan')
    expect(await versionsOf('docs/plan')).toHaveLength(3)
  })

  test('lists deleted files and brings them back, one or a folder of them', async () => {
    const { stdout } = await cloudmount('versions', drive, '--deleted', 'docs', '--json')
    const files = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as DeletedFile)
    expect(files.map(({ path }) => path)).toEqual(['docs/gone', 'docs/sub/also gone'])
    expect(await cloudmount('versions', drive, '--undelete', 'docs/gone')).toMatchObject({
      code: 0,
      stdout: '1 file brought back.\n',
    })
    expect(await readFile(join(drive, 'docs/gone'), 'utf8')).toBe('last words')
    expect(await cloudmount('versions', drive, '--undelete', join(drive, 'docs/sub'))).toMatchObject({ code: 0 })
    expect(await readdir(join(drive, 'docs'))).toEqual(['gone', 'plan', 'sub'])
    expect((await cloudmount('versions', drive, '--deleted')).stdout).toBe('No deleted files were found.\n')
    expect(await cloudmount('versions', drive, '--undelete', 'docs/gone', 'docs/never')).toMatchObject({
      code: 1,
      stdout: '0 files brought back.\n',
      stderr: expect.stringMatching(/“docs\/gone” exists again[^]*No deleted file was found at “docs\/never”/),
    })
  })

  test('says what is wrong with what it was asked', async () => {
    await writeFile(join(drive, 'unsent'), 'x')
    for (const [words, code, message] of [
      [[base, 'x'], 3, 'is not a drive'],
      [[drive], 2, 'a file of the drive'],
      [[drive, '/etc/passwd'], 2, 'is not on'],
      [[drive, 'docs'], 2, 'is a folder'],
      [[drive, 'docs/plan', '--save', 'x'], 2, 'where to save'],
      [[drive, 'docs/plan', join(drive, 'copy'), '--save', 'x'], 2, 'is on the drive itself'],
      [[drive, 'docs/plan', '--restore', 'x'], 3, 'is not in the bucket any more'],
    ] as const)
      expect(await cloudmount('versions', ...words)).toMatchObject({ code, stderr: expect.stringContaining(message) })
  })
})
