import { beforeEach, expect, test } from 'vitest'
import type { Capabilities } from '../contracts/account.ts'
import { EndpointProbe } from './endpoint-probe.ts'
import { unknownCapabilities } from './s3/probe.ts'
import { Connection } from './sync/connection.ts'
import { storeFailure } from './testing/failing-store.ts'
import { ManualClock } from './testing/manual-clock.ts'

const honoured: Capabilities = { ...unknownCapabilities(0), putIfMatch: 'honoured' }
const cutOff = () => Promise.reject(storeFailure('offline'))

let clock: ManualClock
let connection: Connection
let probes: number
let answer: () => Promise<Capabilities>
let isReachable: boolean
let learnt: Capabilities[]

beforeEach(() => {
  clock = new ManualClock()
  probes = 0
  learnt = []
  isReachable = true
  answer = () => Promise.resolve(honoured)
  connection = new Connection({ clock, probe: () => (isReachable ? Promise.resolve() : cutOff()) })
})

const probeOf = (known?: Capabilities): EndpointProbe =>
  new EndpointProbe({
    ...{ clock, connection, known },
    probe: () => {
      probes++
      return answer()
    },
    onLearnt: (capabilities) => learnt.push(capabilities),
    onFailed: () => undefined,
  })

test('asks once, and what an earlier mount learnt is not asked again', async () => {
  const probe = probeOf()
  await Promise.all([probe.ask(), probe.ask()])
  await probe.ask()
  expect(probes).toBe(1)
  expect(learnt).toEqual([honoured])
  expect(probe.known).toBe(honoured)
  await probeOf(honoured).ask()
  expect(probes).toBe(1)
})

test('a probe that the network cut off is made again as soon as the bucket answers', async () => {
  const probe = probeOf()
  answer = cutOff
  isReachable = false
  await probe.ask()
  await clock.advance(120_000)
  expect(connection.isOnline).toBe(false)
  expect(probes).toBe(1)
  expect(probe.known).toBeUndefined()
  answer = () => Promise.resolve(honoured)
  isReachable = true
  await clock.advance(31_000)
  expect(connection.isOnline).toBe(true)
  expect(probes).toBe(2)
  expect(probe.known).toBe(honoured)
})

test('a probe that still hung when the bucket answered again is made again at once', async () => {
  const probe = probeOf()
  let fail = (): void => undefined
  answer = () => new Promise((_resolve, reject) => (fail = () => reject(storeFailure('offline'))))
  const asked = probe.ask()
  isReachable = false
  connection.failed(storeFailure('offline'))
  await clock.advance(60_000)
  expect(connection.isOnline).toBe(false)
  isReachable = true
  await clock.advance(60_000)
  expect(connection.isOnline).toBe(true)
  expect(probes).toBe(1)
  answer = () => Promise.resolve(honoured)
  fail()
  await asked
  expect(probes).toBe(2)
  expect(probe.known).toBe(honoured)
})

test('a probe that fails while the bucket answers is made again every ten minutes, until it is known', async () => {
  const probe = probeOf()
  answer = () => Promise.reject(storeFailure('blocked'))
  await probe.ask()
  await clock.advance(599_999)
  expect(probes).toBe(1)
  await clock.advance(1)
  expect(probes).toBe(2)
  answer = () => Promise.resolve(honoured)
  await clock.advance(600_000)
  expect(learnt).toEqual([honoured])
  await clock.advance(3_600_000)
  expect(probes).toBe(3)
})

test('nothing is asked any more when the drive is unmounted', async () => {
  const probe = probeOf()
  answer = cutOff
  await probe.ask()
  probe.stop()
  connection.close()
  await clock.advance(3_600_000)
  expect(probes).toBe(1)
  expect(clock.pendingTimers).toBe(0)
})
