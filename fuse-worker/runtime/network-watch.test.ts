import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { NetworkWatch, networkSignature } from './network-watch.ts'

const at = (cidr: string, internal = false): NetworkInterfaceInfo => ({
  address: cidr.split('/')[0] ?? '',
  netmask: '255.255.255.0',
  family: 'IPv4',
  mac: '00:00:00:00:00:00',
  internal,
  cidr,
})

test('a network is told by the addresses that lead out of the machine, in any order', () => {
  const home = { lo: [at('127.0.0.1/8', true)], wlan0: [at('192.168.1.7/24')], eth0: [at('10.0.0.2/8')] }
  expect(networkSignature(home)).toBe(networkSignature({ eth0: [at('10.0.0.2/8')], wlan0: [at('192.168.1.7/24')] }))
  expect(networkSignature(home)).not.toBe(networkSignature({ wlan0: [at('192.168.2.7/24')], eth0: [at('10.0.0.2/8')] }))
  expect(networkSignature({ lo: [at('127.0.0.1/8', true)] })).toBe('')
})

test('a change is told once, and only while somebody wants to know', async () => {
  const clock = new ManualClock()
  let interfaces: Record<string, NetworkInterfaceInfo[]> = {}
  let changes = 0
  const watch = new NetworkWatch({ clock, read: () => interfaces, onChange: () => changes++ })
  watch.start()
  await clock.advance(5_000)
  expect(changes).toBe(0)
  interfaces = { wlan0: [at('192.168.1.7/24')] }
  await clock.advance(5_000)
  expect(changes).toBe(1)
  watch.stop()
  interfaces = {}
  await clock.advance(5_000)
  expect(changes).toBe(1)
  expect(clock.pendingTimers).toBe(0)
})
