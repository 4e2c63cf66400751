/** Drives, account tests and the terminal by way of a real proxy; the names they go to are known to the proxy alone. */
import { execFile } from 'node:child_process'
import * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensureBundles } from '../../build/bundle.mjs'
import type { ProxyRoute } from '../../contracts/proxy.ts'
import { startDemoServer, type DemoServer } from '../../demo-server/server.ts'
import { testAccount } from '../s3/account-test.ts'
import { testProxy } from '../s3/proxy-test.ts'
import { createObjectStore } from '../s3/sdk-store.ts'
import { localhostCertificate, testAuthority } from './certificates.ts'
import { ForwardProxy } from './forward-proxy.ts'
import { patternBytes } from './fs-under-test.ts'
import { requestMs, until } from './machine.ts'
import { testAccountAt } from './s3-target.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const execute = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const name = 's3.cloudmount.test'
const users = [{ accessKeyId: 'TESTKEY', secretAccessKey: 'test-secret', policy: 'full' as const }]
const secret = { secretAccessKey: 'test-secret' }
const account = testAccountAt(`http://${name}`, 'TESTKEY')
const password = 'proxy-pa:ss@word'

let server: DemoServer
let proxy: ForwardProxy
let base: string
let worker: WorkerProcess | undefined
const closing: (() => unknown)[] = []

beforeEach(async () => {
  server = await startDemoServer({ users, buckets: [{ name: 'test' }] })
  proxy = await ForwardProxy.start({ [`${name}:80`]: server.port })
  base = await files.mkdtemp(join(tmpdir(), 'cloudmount-proxy-'))
})
afterEach(async () => {
  await worker?.kill()
  worker = undefined
  await execute('fusermount', ['-uz', join(base, 'mount')]).catch(() => undefined)
  for (const close of closing.splice(0)) await close()
  await proxy.stop()
  await server.stop()
  await files.rm(base, { recursive: true, force: true })
})

const route = (more: Partial<Extract<ProxyRoute, { kind: 'proxy' }>> = {}): ProxyRoute => ({
  kind: 'proxy',
  http: proxy.url,
  https: proxy.url,
  bypass: [],
  ...more,
})
const status = async () => (await worker!.link.request('drive:snapshot', {}, requestMs)).status
const at = (path: string): string => join(base, 'mount', path)

async function mount(by: ProxyRoute): Promise<WorkerProcess> {
  worker = await startWorkerProcess()
  await files.mkdir(join(base, 'mount'))
  const drive = {
    ...{ id: 'proxied', accountId: 'test', name: 'Proxied', bucket: 'test', prefix: '', isReadOnly: false },
    ...{ mountpoint: join(base, 'mount'), consistency: 'close-to-open' as const, mountsAtStart: false },
  }
  const params = { drive, account, secret, cacheDirectory: join(base, 'cache'), proxy: by }
  await worker.link.request('drive:mount', params, requestMs)
  return worker
}

const synced = () => until('everything is in the bucket', async () => (await status()).pendingOperations === 0)

test('a drive reads and writes by the proxy, in parts too, and by another one as soon as it is told', async () => {
  const large = patternBytes(20 * 1024 * 1024, 9)
  await mount(route())
  await files.writeFile(at('small'), 'small')
  await files.writeFile(at('large'), large)
  await synced()
  expect(server.requestLog.entries({ operation: 'UploadPart', status: 200 }).length).toBeGreaterThan(1)
  expect(proxy.passed.length).toBe(server.requestLog.entries({}).length)

  await proxy.stop()
  await files.writeFile(at('later'), 'written without a proxy')
  await until('the drive says what is wrong', async () => (await status()).problem?.code === 'proxy-unreachable')
  expect(await status()).toMatchObject({
    connection: 'offline',
    problem: { message: expect.stringMatching(/^The proxy at 127\.0\.0\.1:\d+ could not be reached\.$/) as string },
  })
  expect(await files.readFile(at('small'), 'utf8')).toBe('small')

  proxy = await ForwardProxy.start({ [`${name}:80`]: server.port })
  proxy.credentials = { user: 'ana', password }
  await worker!.link.request('drive:proxy', { proxy: route({ user: 'ana', password: 'wrong' }) }, requestMs)
  await until('the drive says what is wrong', async () => (await status()).problem?.code === 'proxy-refused')
  await worker!.link.request('drive:proxy', { proxy: route({ user: 'ana', password }) }, requestMs)
  await synced()
  expect(await status()).toMatchObject({ connection: 'online' })
  expect(proxy.passed.length).toBeGreaterThan(0)
  expect(server.requestLog.entries({ operation: 'PutObject', key: 'later', status: 200 })).toHaveLength(1)
  for (const secretText of [password, encodeURIComponent(password), Buffer.from(`ana:${password}`).toString('base64')])
    expect(worker!.log()).not.toContain(secretText)
})

describe('an endpoint with TLS', () => {
  let secure: DemoServer
  let caFile: string

  beforeEach(async () => {
    secure = await startDemoServer({ users, buckets: [{ name: 'test' }], tls: localhostCertificate })
    closing.push(() => secure.stop())
    caFile = join(base, 'ca.pem')
    await files.writeFile(caFile, testAuthority)
    await proxy.stop()
    proxy = await ForwardProxy.start({ [`localhost:${secure.port}`]: secure.port })
  })
  const storeBy = (by: ProxyRoute, port = secure.port) => {
    const at = { ...testAccountAt(`https://localhost:${port}`, 'TESTKEY'), caFile }
    const store = createObjectStore({ account: at, secret, bucket: 'test', proxy: by })
    closing.push(() => store.close())
    return store
  }

  test('is reached by a tunnel, which is kept for the next request', async () => {
    proxy.credentials = { user: 'ana', password }
    const store = storeBy(route({ user: 'ana', password }))
    const body = patternBytes(3_000_000, 1)
    await store.put('a', body, { metadata: {} }, undefined)
    const { body: read } = await store.get('a', {})
    const pieces: Uint8Array[] = []
    for await (const piece of read) pieces.push(piece)
    expect(Buffer.concat(pieces).equals(body)).toBe(true)
    expect(proxy.passed).toEqual([{ kind: 'tunnel', method: 'CONNECT', target: `localhost:${secure.port}` }])
  })

  test('is not reached where the proxy wants a password, knows no way, or is not there; a bypassed name needs none', async () => {
    proxy.credentials = { user: 'ana', password }
    const refused = { kind: 'offline', problem: { code: 'proxy-refused' } }
    await expect(storeBy(route()).head('a')).rejects.toMatchObject(refused)
    proxy.credentials = undefined
    await expect(storeBy(route(), 1).head('a')).rejects.toMatchObject(refused)
    const gone = route({ https: 'http://127.0.0.1:1' })
    await expect(storeBy(gone).head('a')).rejects.toMatchObject({
      kind: 'offline',
      problem: { code: 'proxy-unreachable', message: 'The proxy at 127.0.0.1:1 could not be reached.' },
    })
    expect(await storeBy(route({ bypass: ['localhost'] })).head('a')).toBeUndefined()
    expect(proxy.passed).toEqual([])
  })
})

test('an account is tested and its buckets listed by the proxy; a proxy that refuses is told apart from the service', async () => {
  const passed = await testAccount({ account, secret, proxy: route(), bucket: 'test' })
  expect(passed.buckets).toEqual(['test'])
  expect(passed.steps.filter(({ outcome }) => outcome === 'failed')).toEqual([])
  proxy.credentials = { user: 'ana', password }
  const { steps } = await testAccount({ account, secret, proxy: route() })
  expect(steps[0]).toMatchObject({ id: 'reachable', outcome: 'failed' })
  expect(steps[0]?.summary).toMatch(/^The proxy at 127\.0\.0\.1:\d+ does not accept the name and password\./)

  expect(await testProxy(route(), `http://${name}`)).toMatchObject({ code: 'proxy-refused' })
  expect(await testProxy(route({ user: 'ana', password }), `http://${name}`)).toBeUndefined()
})

test('the terminal goes by the proxy of the environment', async () => {
  await ensureBundles(root, ['worker', 'cli'], () => undefined)
  const env = { ...process.env, AWS_ACCESS_KEY_ID: 'TESTKEY', AWS_SECRET_ACCESS_KEY: 'test-secret' }
  const list = (more: NodeJS.ProcessEnv) =>
    execute(process.execPath, [join(root, 'out/cli/cli.cjs'), 'ls', '--endpoint', `http://${name}`], {
      env: { ...env, ...more },
    })
  proxy.credentials = { user: 'ana', password }
  const address = `http://ana:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`
  expect((await list({ HTTP_PROXY: address })).stdout).toContain('s3://test/')
  expect(proxy.passed.length).toBeGreaterThan(0)
  await expect(list({ HTTP_PROXY: address, NO_PROXY: 'cloudmount.test' })).rejects.toMatchObject({ code: 5 })
  const refused = list({ HTTP_PROXY: proxy.url })
  await expect(refused).rejects.toMatchObject({ code: 5, stderr: expect.stringContaining('The proxy at') as string })
})
