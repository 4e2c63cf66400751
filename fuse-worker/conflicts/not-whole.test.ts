import { afterEach, describe, expect, it } from 'vitest'
import type { Conflict } from '../../contracts/conflict.ts'
import { patternBytes } from '../testing/fs-under-test.ts'
import { ConflictWorld } from '../testing/conflict-world.ts'

const large = patternBytes(3 * 1024 * 1024, 7)
let world: ConflictWorld

afterEach(() => world.end())

/** Four bytes written into a file of which nothing else is here, and another client replaces the rest. */
async function partly(options: { isVersioned: boolean }): Promise<Conflict> {
  world = new ConflictWorld(options)
  world.bucket.putForeign('large', large)
  const { operations } = world.drive
  await operations.getattr('/large')
  const handle = await operations.open('/large', 2)
  await operations.write(handle, Buffer.from('mine'), 8)
  await operations.flush(handle)
  await operations.release(handle)
  world.foreign('large', 'theirs')
  return world.conflict('large')
}

const merged = Buffer.concat([large.subarray(0, 8), Buffer.from('mine'), large.subarray(12)])

describe('a file edited here of which not everything is here', () => {
  it('can only be given up, and what was here of it is kept and called incomplete', async () => {
    const conflict = await partly({ isVersioned: false })
    expect(conflict.mine.isWhole).toBe(false)
    expect([world.choose(conflict, 'mine'), world.choose(conflict, 'both')]).toEqual(['not-whole', 'not-whole'])
    expect(world.choose(conflict, 'theirs')).toBe('chosen')
    await world.settled()
    expect(await world.read('large')).toBe('theirs')
    expect(world.drive.conflicts.recoveredFiles()).toMatchObject([{ sizeBytes: large.length, isIncomplete: true }])
    expect(world.recovered()[0]?.slice(8, 12)).toBe('mine')
  })

  for (const kind of ['mine', 'theirs', 'both'] as const)
    it(`is whole all the same where the bucket keeps old versions: ${kind}`, async () => {
      const conflict = await partly({ isVersioned: true })
      expect(conflict.mine.isWhole).toBe(true)
      expect(world.choose(conflict, kind)).toBe('chosen')
      await world.settled()
      if (kind === 'theirs') {
        const [file] = world.drive.conflicts.recoveredFiles()
        expect(file).not.toHaveProperty('isIncomplete')
        await world.drive.conflicts.restore(file!.id)
        await world.settled()
      }
      const bodies = world.bucket.keys().map((key) => world.bucket.peek(key)!)
      expect(bodies.some((body) => body.equals(merged))).toBe(true)
      // The bucket's own history keeps theirs.
      if (kind === 'mine') expect(world.recovered()).toEqual([])
    })
})
