/**
 * SIGKILL of real processes under real mounts: the worker and its host, when a request arrives at the server, when the server has
 * carried one out and nobody has heard, and at any moment. KILLS says how many; KILL_SEED which.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startDemoServer, type DemoServer } from '../../../demo-server/server.ts'
import { createObjectStore } from '../../s3/sdk-store.ts'
import { bucketViewOf } from '../bucket-view.ts'
import { FaultProxy } from '../fault-proxy/proxy.ts'
import { Random } from '../random.ts'
import { testAccountAt } from '../s3-target.ts'
import { AcknowledgedWork } from './acknowledged.ts'
import { KilledHost, type HostOptions } from './killed-host.ts'

const { KILLS = '20', KILL_SEED = '1' } = process.env
const killCount = Number(KILLS)
/** Every so many kills the host dies instead of the worker, and every so many everything is brought to the bucket. */
const [hostEvery, settleEvery] = [10, 10]
const keys = { accessKeyId: 'KILLKEY', secretAccessKey: 'kill-secret' }

let base: string
let server: DemoServer
let proxy: FaultProxy
let options: HostOptions
let host: KilledHost

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'cloudmount-kills-'))
  server = await startDemoServer({ users: [{ ...keys, policy: 'full' }], buckets: [{ name: 'test' }] })
  proxy = await FaultProxy.start({ target: server.endpoint })
  const [mountpoint, cacheDirectory, home] = ['mount', 'cache', 'home'].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [mountpoint, cacheDirectory, home]) await mkdir(folder)
  options = { endpoint: proxy.endpoint, bucket: 'test', ...keys, mountpoint, cacheDirectory, home }
  host = await KilledHost.start(options)
})

afterEach(async () => {
  const worker = await host.killHost()
  if (worker !== undefined) await promisify(execFile)('kill', ['-9', String(worker)]).catch(() => undefined)
  await promisify(execFile)('fusermount', ['-uz', options.mountpoint]).catch(() => undefined)
  await proxy.stop()
  await server.stop()
  await rm(base, { recursive: true, force: true })
})

/** Resolves when the moment has come and the process is dead. */
function killAt(random: Random, kill: () => Promise<unknown>): Promise<unknown> {
  const moment = random.pick(['arrives', 'carried out', 'any'] as const)
  if (moment === 'any') return new Promise((resolve) => setTimeout(resolve, random.below(3_500))).then(kill)
  let left = 1 + random.below(3)
  return new Promise((resolve, reject) => {
    const isDue = (method: string): boolean => method !== 'GET' && method !== 'HEAD' && --left === 0
    const now = async (): Promise<void> => {
      proxy.hooks = {}
      await kill().then(resolve, reject)
    }
    proxy.hooks =
      moment === 'arrives'
        ? { onRequest: ({ method }) => (isDue(method) ? now() : undefined) }
        : { onAnswer: ({ method }) => (isDue(method) ? now() : undefined) }
  })
}

async function workUntilKilled(work: AcknowledgedWork, random: Random, kill: () => Promise<unknown>): Promise<void> {
  work.isDying = false
  const killed = killAt(random, () => {
    work.isDying = true
    return kill()
  })
  while (await work.step()) await new Promise((resolve) => setTimeout(resolve, 5))
  await killed
}

/** The same bytes under the same keys, each once, and nothing that costs. */
async function expectExactly(work: AcknowledgedWork): Promise<void> {
  const store = createObjectStore({
    account: testAccountAt(server.endpoint, keys.accessKeyId),
    secret: keys,
    bucket: 'test',
  })
  const bucket = bucketViewOf(store, '')
  try {
    const wanted = [...work.promised].map(([path, content]) => (content === 'folder' ? `${path}/` : path))
    expect((await bucket.keys('')).sort()).toEqual(wanted.sort())
    for (const [path, content] of work.promised) {
      if (content !== 'folder') expect((await bucket.get(path))?.equals(content), `object ${path}`).toBe(true)
    }
    // One whose id never got here cannot be told from another client's. It holds no part, and so costs nothing.
    for (const { key, uploadId } of await store.listMultipartUploads('')) {
      expect(await store.listParts(key, uploadId), `parts left of ${key}`).toEqual([])
    }
  } finally {
    store.close()
  }
}

test(
  `nothing acknowledged is lost in ${killCount} kills, and each change reaches the bucket exactly once`,
  async () => {
    const random = new Random(Number(KILL_SEED))
    const work = new AcknowledgedWork(options.mountpoint, random)
    console.log(`KILL_SEED=${KILL_SEED} KILLS=${KILLS}`)
    for (let kill = 1; kill <= killCount; kill++) {
      let killed: number | undefined
      if (kill % hostEvery === 0) {
        await workUntilKilled(work, random, async () => (killed = await host.killHost()))
        host = await KilledHost.start(options, killed)
      } else {
        await workUntilKilled(work, random, async () => (killed = await host.killWorker()))
        await host.mounted(killed)
      }
      await work.verify((look) => host.onDrive(look))
      if (kill % settleEvery !== 0 && kill !== killCount) continue
      expect(await host.unmount(), host.output).toBe(0)
      await expectExactly(work)
      host = await KilledHost.start(options)
      await work.verify((look) => host.onDrive(look))
    }
    console.log(`${killCount} kills, ${work.calls} calls acknowledged`)
    expect(work.calls).toBeGreaterThan(killCount)
  },
  60_000 + killCount * 20_000,
)
