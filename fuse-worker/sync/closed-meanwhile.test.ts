import { afterEach, describe, expect, test } from 'vitest'
import type { ObjectStore } from '../s3/store.ts'
import { drained, openTestDrive, scratchDirectory } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

const mebibyte = 1024 * 1024
const readWrite = 2
const heldFrom = 30 * mebibyte

describe('a download that outlives the file it was begun for', () => {
  const scratch = scratchDirectory()
  afterEach(() => scratch.remove())

  test('brings nothing back over what was written after the file was opened again', async () => {
    const clock = new ManualClock()
    const memory = createMemoryStore()
    const before = Buffer.alloc(40 * mebibyte, 'b')
    await memory.put('big', before, { metadata: {} }, undefined)
    const held: (() => void)[] = []
    let isHolding = true
    let place = 0
    const store: ObjectStore = {
      ...memory,
      get: async (key, query, options) => {
        const start = query.range?.start ?? 0
        if (isHolding && start >= heldFrom) {
          place = start + mebibyte
          await new Promise<void>((resolve) => held.push(resolve))
        }
        return memory.get(key, query, options)
      },
    }
    const drive = openTestDrive({ store, cacheDirectory: scratch.path, clock })
    const { operations } = drive

    const reader = await operations.open('/big', 0)
    const piece = Buffer.alloc(mebibyte)
    for (let position = 0; held.length === 0; position += piece.length) await operations.read(reader, piece, position)
    // The other requests end, so that nothing but the held one is under way.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
    await operations.release(reader)

    const writer = await operations.open('/big', readWrite)
    await operations.write(writer, Buffer.from('mine'), place)
    await operations.flush(writer)
    await operations.release(writer)
    isHolding = false
    for (const release of held) release()

    expect(await drained(drive, clock)).toBe(0)
    const expected = Buffer.from(before)
    expected.write('mine', place)
    const { body } = await memory.get('big', {})
    const pieces: Uint8Array[] = []
    for await (const part of body) pieces.push(part)
    expect(Buffer.concat(pieces).equals(expected)).toBe(true)
    await drive.close()
  })
})
