import { describe, expect, test } from 'vitest'
import { nextToSweep, pauseAfterMs, type FolderInUse } from './sweep-plan.ts'

const nowMs = 10_000_000
const rule = { againAfterMs: 30_000 }
const folder = (id: number, agoMs: Partial<Record<'used' | 'listed', number>>): FolderInUse => ({
  id,
  usedAtMs: nowMs - (agoMs.used ?? 1_000),
  listedAtMs: nowMs - (agoMs.listed ?? 60_000),
})

describe('the folder swept next', () => {
  test.each<[what: string, folders: FolderInUse[], id: number | undefined]>([
    ['none where none is in use', [], undefined],
    ['the only one', [folder(1, {})], 1],
    ['none that was listed a moment ago', [folder(1, { listed: 29_999 })], undefined],
    ['none that nobody has looked at for long', [folder(1, { used: 120_001 })], undefined],
    ['the one listed longest ago', [folder(1, { listed: 40_000 }), folder(2, { listed: 50_000 })], 2],
  ])('%s', (_what, folders, id) => {
    expect(nextToSweep(folders, nowMs, rule)).toBe(id)
  })
})

test.each([
  [0, 5_000],
  [1_000, 5_000],
  [1_001, 10_000],
  [100_000, 500_000],
])('a folder of %i entries is paid for with a pause of %i ms', (entries, pauseMs) => {
  expect(pauseAfterMs(entries)).toBe(pauseMs)
})
