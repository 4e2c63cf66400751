import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
