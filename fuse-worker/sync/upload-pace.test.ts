import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { UploadPace } from './upload-pace.ts'

let clock: ManualClock
let pace: UploadPace
const sent = (operation: number, sentBytes: number, keptBytes = 0): void =>
  pace.progressed(operation, { sentBytes, keptBytes, doneBytes: sentBytes + keptBytes })

beforeEach(() => {
  clock = new ManualClock()
  pace = new UploadPace(clock)
})

test('the rate is of the last ten seconds, over all uploads', async () => {
  for (let second = 1; second <= 5; second++) {
    sent(1, second * 1_000)
    sent(2, second * 3_000)
    if (second < 5) await clock.advance(1_000)
  }
  expect(pace.bytesPerSecond).toBe(4_000)
  await clock.advance(20_000)
  expect(pace.bytesPerSecond).toBe(0)
})

test('what an earlier attempt sent is held, and does not count as speed', () => {
  sent(1, 500, 8_000)
  expect(pace.bytesPerSecond).toBe(500)
  expect(pace.heldBytes).toBe(8_500)
})

test('a body that is sent again does not count backwards', () => {
  sent(1, 900)
  sent(1, 100)
  expect(pace.bytesPerSecond).toBe(900)
  expect(pace.heldBytes).toBe(100)
})

test('between two attempts everything sent is held; afterwards nothing is', () => {
  sent(1, 900)
  pace.begun(1)
  expect(pace.heldBytes).toBe(900)
  pace.ended(1, true)
  expect(pace.heldBytes).toBe(0)
  expect(pace.operationsPerSecond).toBe(1)
})
