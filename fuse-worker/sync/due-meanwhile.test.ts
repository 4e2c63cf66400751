import { expect, test } from 'vitest'
import { openTestDrive, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

const mostReadings = 10_000

/** Its timers fire just before their moment, as those of Node do: who reads it in a turn more than `early` times sees the moment pass. */
class EarlyClock extends ManualClock {
  readonly #early: number
  #readings = 0
  #lastMs = 0

  constructor(early: number) {
    super()
    this.#early = early
  }

  override now(): number {
    if (++this.#readings > mostReadings) throw new Error('the turn does not end')
    if (this.#readings === 1) setImmediate(() => (this.#readings = 0))
    const nowMs = this.#readings > this.#early ? super.now() : super.now() - 1
    return (this.#lastMs = Math.max(nowMs, this.#lastMs))
  }
}

test.each([1, 2, 3, 4])(
  'an upload that becomes due while the queue is looked at, after %i readings, is not lost',
  async (early) => {
    const scratch = scratchDirectory()
    const clock = new EarlyClock(early)
    const bucket = createMemoryStore({ now: () => clock.now() })
    const drive = openTestDrive({ store: bucket, clock, cacheDirectory: scratch.path })
    for (const name of ['a', 'b', 'c']) await writeFile(drive.operations, `/${name}`, name)
    for (let step = 0; step < 1_000 && drive.journal.size > 0; step++) await clock.advance(50)
    expect(drive.journal.size).toBe(0)
    expect(bucket.keys()).toEqual(['a', 'b', 'c'])
    await drive.close()
    scratch.remove()
  },
)
