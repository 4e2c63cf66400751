/**
 * A program on a real mount and another S3 client work on the same files at random moments, in bad weather; the worker is killed now and
 * then, and conflicts are settled by random choices. Then every version that was ever saved has to be somewhere, or to have been given
 * up by somebody who had seen it. TORTURE_SEED says which run (the timing is the machine's), TORTURE_SECONDS how long.
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolutionKinds, type Conflict } from '../../../contracts/conflict.ts'
import { ProblemError } from '../../../contracts/problem.ts'
import { startDemoServer, type DemoServer } from '../../../demo-server/server.ts'
import { createObjectStore } from '../../s3/sdk-store.ts'
import type { ObjectStore } from '../../s3/store.ts'
import { seenOf } from '../conflict-world.ts'
import { FaultProxy } from '../fault-proxy/proxy.ts'
import { Machine, requestMs } from '../machine.ts'
import { Random } from '../random.ts'
import { testAccountAt } from '../s3-target.ts'
import { Ledger } from './ledger.ts'
import { OtherClient } from './other-client.ts'
import { Program } from './program.ts'

const { TORTURE_SEED = '1', TORTURE_SECONDS = '20' } = process.env
const seed = Number(TORTURE_SEED)
const workMs = Number(TORTURE_SECONDS) * 1000
const settleMs = 120_000
const mebibyte = 1024 * 1024
const keys = Array.from({ length: 10 }, (_, index) => `d${index % 3}/f${index}.txt`)
const secret = { secretAccessKey: 'torture-secret' }

let base: string
let server: DemoServer
let proxy: FaultProxy
let store: ObjectStore
let ledger: Ledger
let machine: Machine
let other: OtherClient
let program: Program
let isVersioned: boolean
let isOver: boolean
let choices: number
/** The step of the program that is under way; nothing is mounted or unmounted under it. */
let step: Promise<void>
/** Not while the drive is mounted again. */
let mayWork: Promise<unknown>

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'cloudmount-torture-'))
  isVersioned = seed % 3 === 0
  const [accessKeyId, bucket] = ['TORTUREKEY', 'test']
  server = await startDemoServer({
    users: [{ accessKeyId, ...secret, policy: 'full' }],
    buckets: [{ name: bucket, versioning: isVersioned }],
  })
  const weather = new Random(seed + 1)
  proxy = await FaultProxy.start({ target: server.endpoint, random: () => weather.next() })
  store = createObjectStore({ account: testAccountAt(server.endpoint, accessKeyId), secret, bucket })
  ledger = new Ledger()
  other = new OtherClient({ store, ledger, random: new Random(seed + 2) })
  const account = testAccountAt(proxy.endpoint, accessKeyId)
  machine = await new Machine(base, 'mount', { account, secret, bucket, prefix: '' }).mount()
  program = new Program({ folder: machine.mountpoint, ledger, random: new Random(seed + 3) })
  isOver = false
  choices = 0
  step = Promise.resolve()
  mayWork = step
})

afterEach(async () => {
  isOver = true
  await machine.end()
  store.close()
  await proxy.stop()
  await server.stop()
  await rm(base, { recursive: true, force: true })
})

function bodyFrom(random: Random): Buffer {
  const sizes = { none: 4, line: 4, page: 4, some: 3, chunks: 1 }
  const size = { none: 0, line: 30, page: 3_000, some: 200_000, chunks: 9 * mebibyte }[random.weighted(sizes)]
  return Buffer.alloc(size, random.bytes(1_000))
}

async function programWorks(): Promise<void> {
  const random = new Random(seed + 4)
  while (!isOver) {
    step = mayWork.then(() => program.step(keys, bodyFrom(random)))
    await step
    await wait(random.below(200))
  }
}

async function otherWorks(): Promise<void> {
  const random = new Random(seed + 5)
  while (!isOver) {
    // Most often where the program has just been: only what both change at once can go wrong.
    const key = random.chance(0.7) ? program.key : undefined
    await other.step(key ?? random.pick(keys), bodyFrom(random))
    await wait(random.below(700))
  }
}

async function weatherChanges(): Promise<void> {
  const random = new Random(seed + 6)
  while (!isOver) {
    await wait(random.below(3_000))
    const weather = random.pick(['calm', 'refusing', 'black-hole', 'lossy', 'slow'] as const)
    ledger.tell(`weather: ${weather}`)
    if (weather === 'refusing' || weather === 'black-hole') await proxy.setDoor(weather)
    else if (weather === 'lossy') {
      for (const isCarriedOut of [true, false]) proxy.add({ fault: { kind: 'reset', isCarriedOut }, probability: 0.15 })
      proxy.add({ fault: { kind: 'status', status: 503 }, probability: 0.1 })
    } else if (weather === 'slow') proxy.add({ fault: { kind: 'latency', delayMs: 300 } })
    await wait(500 + random.below(2_000))
    await proxy.calm()
  }
}

async function settle(conflict: Conflict, random: Random): Promise<void> {
  const { link } = machine.worker
  choices++
  const kind = random.pick([...resolutionKinds, 'merged'] as const)
  ledger.tell(`${kind} is chosen for ${conflict.path}`)
  if (kind !== 'merged') {
    const choices = [{ ...seenOf(conflict), kind }]
    await link.request('conflict:resolve', { choices, delayMs: random.below(600) }, requestMs)
    if (random.chance(0.1)) await link.request('conflict:undo', { ids: [conflict.id] }, requestMs)
    return
  }
  const { mark, content } = ledger.begin('merged', conflict.path, Buffer.from('of both sides\n'))
  const seen = seenOf(conflict)
  const { outcome } = await link.request('conflict:merge', { seen, text: content.toString() }, requestMs)
  if (outcome === 'chosen') ledger.acknowledge(mark)
}

/** A person who chooses among what the window shows; a worker that dies meanwhile, or a bucket out of reach, is no business of theirs. */
async function settleSome(random: Random): Promise<number> {
  try {
    const conflicts = await machine.conflicts()
    for (const conflict of conflicts) {
      if (conflict.choice === undefined && (isOver || random.chance(0.4))) await settle(conflict, random)
    }
    return conflicts.length
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    ledger.tell(`choosing failed: ${error.message}`)
    return 1
  }
}

async function personSettles(): Promise<void> {
  const random = new Random(seed + 7)
  while (!isOver) {
    await wait(300 + random.below(1_500))
    await settleSome(random)
  }
}

async function workerDies(): Promise<number> {
  const random = new Random(seed + 8)
  for (let kills = 0; ; kills++) {
    await wait(4_000 + random.below(6_000))
    if (isOver) return kills
    ledger.tell('the worker is killed')
    await machine.worker.kill()
    const mounted = step
      .catch(() => undefined)
      .then(() => machine.detach())
      .then(() => machine.mount())
    mayWork = mounted
    await mounted
    ledger.tell('and is back')
  }
}

/** Good weather; every conflict is settled, and what cannot be sent is given up for what the bucket has. */
async function comeToRest(): Promise<void> {
  const random = new Random(seed + 9)
  const giveUpAtMs = Date.now() + settleMs
  await proxy.calm()
  for (;;) {
    const conflicts = await settleSome(random)
    const { transfers } = await machine.worker.link.request('drive:snapshot', {}, requestMs)
    for (const { id, status, path } of transfers) {
      if (status.state !== 'blocked') continue
      ledger.tell(`${path} is blocked and discarded: ${status.problem.message}`)
      await machine.worker.link.request('transfer:discard', { transferId: id }, requestMs)
    }
    if (conflicts === 0 && (await machine.pendingOperations()) === 0) return
    if (Date.now() > giveUpAtMs) throw new Error(`no rest: ${JSON.stringify(transfers.slice(0, 5))}\n${ledger.story}`)
    await wait(200)
  }
}

async function onTheMount(): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  for (const name of await readdir(machine.mountpoint, { recursive: true })) {
    if ((await stat(machine.at(name))).isFile()) contents.set(name, await readFile(machine.at(name)))
  }
  return contents
}

/** A probe of the bucket that was cut off is cleared away by the next. */
function worked(contents: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  return new Map([...contents].filter(([key]) => !key.startsWith('.cloudmount-probe-')))
}

/** Marks instead of bytes, to be compared and read by a person. */
function described(contents: ReadonlyMap<string, Buffer>): string[] {
  return [...contents]
    .map(([key, content]) => `${key} ${ledger.markOf(content)?.trim() ?? `${content.length} bytes`} ${content.length}`)
    .sort()
}

test(
  `no version is lost between a mount and another client in ${TORTURE_SECONDS} s`,
  async () => {
    console.log(`TORTURE_SEED=${TORTURE_SEED} TORTURE_SECONDS=${TORTURE_SECONDS}${isVersioned ? ' (versioned)' : ''}`)
    const works = [programWorks(), otherWorks(), weatherChanges(), personSettles()]
    const kills = workerDies()
    await Promise.race([wait(workMs), ...works, kills])
    isOver = true
    await Promise.all([...works, kills])
    await comeToRest()
    const bucket = worked(await other.contents())
    const recovered = await machine.recovered()
    const history = isVersioned ? await other.history() : []
    const lost = ledger.lostAmong([...bucket.values(), ...recovered, ...history])
    expect(lost, lost.length === 0 ? '' : ledger.storyOf(lost.map((mark) => mark.slice(0, mark.indexOf(' '))))).toEqual(
      [],
    )
    const torn = [...bucket].filter(([, content]) => !ledger.isAsWritten(content)).map(([key]) => key)
    expect(torn, `not as they were written\n${torn.length === 0 ? '' : ledger.story}`).toEqual([])
    await expect
      .poll(async () => described(worked(await onTheMount())), { timeout: 60_000, interval: 500 })
      .toEqual(described(bucket))
    const { written, saved } = ledger.counts
    console.log(
      `${written} versions, ${saved} saved; ${choices} choices, ${await kills} kills; at the end ${bucket.size} files, ${recovered.length} recovered`,
    )
    expect(saved).toBeGreaterThan(10)
  },
  workMs + settleMs + 120_000,
)
