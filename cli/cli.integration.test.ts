import { execFile } from 'node:child_process'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBundles } from '../build/bundle.mjs'
import { startDemoServer, type DemoServer } from '../demo-server/server.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const keys = { AWS_ACCESS_KEY_ID: 'TESTKEY', AWS_SECRET_ACCESS_KEY: 'test-secret' }

type Outcome = { code: number; stdout: string; stderr: string }

let base: string
let mountpoint: string
let server: DemoServer

function cloudmount(...words: string[]): Promise<Outcome> {
  const env = { ...process.env, ...keys, XDG_RUNTIME_DIR: base, XDG_CACHE_HOME: join(base, 'cache') }
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'out/cli/cli.cjs'), ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const mount = (): Promise<Outcome> => cloudmount('mount', 's3://test', mountpoint, '--endpoint', server.endpoint)

async function until<T>(look: () => Promise<T>, isGood: (found: T) => boolean): Promise<T> {
  const giveUpAt = Date.now() + 30_000
  for (;;) {
    const found = await look()
    if (isGood(found) || Date.now() > giveUpAt) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

beforeAll(async () => {
  await ensureBundles(root, ['worker', 'cli'], () => undefined)
  base = await mkdtemp(join(tmpdir(), 'cloudmount-cli-'))
  mountpoint = join(base, 'drive')
  await mkdir(mountpoint)
  server = await startDemoServer({
    users: [{ accessKeyId: keys.AWS_ACCESS_KEY_ID, secretAccessKey: keys.AWS_SECRET_ACCESS_KEY, policy: 'full' }],
    buckets: [{ name: 'test' }],
  })
})
afterAll(async () => {
  await cloudmount('unmount', mountpoint, '--leave', '--force')
  await server.stop()
  await rm(base, { recursive: true, force: true })
})

describe('cloudmount', () => {
  test('mounts, tells the state, and unmounts with everything uploaded', async () => {
    expect(await cloudmount('status')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No drive is mounted'),
    })
    expect(await mount()).toMatchObject({ code: 0, stdout: `mounted on ${mountpoint}\n` })
    await mkdir(join(mountpoint, 'docs'))
    await writeFile(join(mountpoint, 'docs', 'plan'), 'the plan')
    expect((await cloudmount('status')).stdout).toContain(`${mountpoint}  s3://test/  mounted`)
    expect(await cloudmount('unmount', mountpoint, '--wait=soon')).toMatchObject({ code: 2 })
    expect(await cloudmount('unmount', mountpoint, '--wait=60')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Everything is in the bucket.'),
    })
    const listed = await cloudmount('ls', 's3://test/docs/', '--endpoint', server.endpoint, '--json')
    expect(JSON.parse(listed.stdout.trim())).toMatchObject({ key: 'docs/plan', sizeBytes: 8 })
  })

  test('lists, shows and settles conflicts, and puts back what that discarded', async () => {
    expect((await mount()).code).toBe(0)
    await mkdir(join(mountpoint, 'letters'))
    const path = join(mountpoint, 'letters', 'plan')
    const s3 = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: keys.AWS_ACCESS_KEY_ID, secretAccessKey: keys.AWS_SECRET_ACCESS_KEY },
    })
    const body = async (key: string): Promise<string> =>
      (await s3.send(new GetObjectCommand({ Bucket: 'test', Key: key }))).Body?.transformToString() ?? ''
    const collide = async (mine: string, theirs: string): Promise<void> => {
      await writeFile(path, mine)
      await s3.send(new PutObjectCommand({ Bucket: 'test', Key: 'letters/plan', Body: theirs }))
      await until(
        async () => (await cloudmount('conflicts', 'list')).stdout,
        (words) => words.includes(path),
      )
    }
    expect((await cloudmount('conflicts')).stdout).toBe('There are no conflicts.\n')
    await collide('one\nmy two\n', 'one\ntheir two\n')
    expect((await cloudmount('conflicts', 'list')).stdout).toContain(`${path}  created here and by another client`)
    const listed = JSON.parse((await cloudmount('conflicts', 'list', mountpoint, '--json')).stdout) as object
    expect(listed).toMatchObject({ conflicts: [{ path: 'letters/plan', mine: { isWhole: true }, mountpoint }] })
    expect((await cloudmount('conflicts', 'show', path)).stdout).toContain(' one\n-their two\n+my two\n')
    expect(await cloudmount('conflicts', 'resolve', path)).toMatchObject({ code: 2 })
    expect(await cloudmount('conflicts', 'resolve', join(mountpoint, 'other'), '--mine')).toMatchObject({ code: 3 })
    expect(await cloudmount('conflicts', 'resolve', path, '--mine')).toMatchObject({
      code: 0,
      stdout: `${path}  settled: yours is kept\n`,
    })
    expect(
      await until(
        () => body('letters/plan'),
        (text) => text.includes('my two'),
      ),
    ).toBe('one\nmy two\n')

    await collide('mine again', 'theirs again, and longer')
    expect(await cloudmount('conflicts', 'resolve', mountpoint, '--all', '--theirs')).toMatchObject({ code: 0 })
    expect(await readFile(path, 'utf8')).toBe('theirs again, and longer')
    const { files } = JSON.parse((await cloudmount('recovered', 'list', '--json')).stdout) as {
      files: { id: string; side: string; path: string }[]
    }
    expect(files.map(({ side }) => side)).toEqual(['mine', 'theirs'])
    const restored = (await cloudmount('recovered', 'restore', mountpoint, files[0]?.id ?? '')).stdout.trim()
    expect(restored).toMatch(/letters\/plan \(recovered, .*\)$/)
    expect(await readFile(restored, 'utf8')).toBe('mine again')

    await collide('mine for both', 'theirs for both')
    expect(await cloudmount('conflicts', 'resolve', path, '--both')).toMatchObject({ code: 0 })
    expect(await readFile(path, 'utf8')).toBe('theirs for both')
    const names = await readdir(join(mountpoint, 'letters'))
    const copy = names.find((name) => name.includes('conflicted copy')) ?? ''
    expect(await readFile(join(mountpoint, 'letters', copy), 'utf8')).toBe('mine for both')
    expect(
      await until(
        () => body(`letters/${copy}`).catch(() => ''),
        (text) => text !== '',
      ),
    ).toBe('mine for both')
    s3.destroy()
    expect((await cloudmount('unmount', mountpoint)).code).toBe(0)
  }, 120_000)

  test('keeps a folder offline, says when it is ready, and lets it go again', async () => {
    expect((await mount()).code).toBe(0)
    expect((await cloudmount('pins')).stdout).toContain('Nothing is kept offline')
    expect(await cloudmount('pin', join(mountpoint, 'docs'))).toMatchObject({ code: 0 })
    const look = async (): Promise<string> => (await cloudmount('pins', mountpoint)).stdout
    expect(await until(look, (words) => words.includes('ready'))).toBe(`${mountpoint}/docs  ready (1 file, 8 bytes)\n`)

    await server.stop()
    expect(await readFile(join(mountpoint, 'docs', 'plan'), 'utf8')).toBe('the plan')
    const outside = await cloudmount('pin', base)
    expect(outside).toMatchObject({ code: 3, stderr: expect.stringContaining('is not on a drive') })
    expect(await cloudmount('unpin', join(mountpoint, 'docs'))).toMatchObject({ code: 0 })
    expect(await look()).toContain('Nothing is kept offline')
  })

  test('offline, an unmount leaves what was written queued and says so', async () => {
    await writeFile(join(mountpoint, 'later'), 'not yet')
    const ended = await cloudmount('unmount', mountpoint, '--leave')
    expect(ended).toMatchObject({ code: 7, stderr: expect.stringContaining('1 change (7 bytes) stays queued') })
  })
})
