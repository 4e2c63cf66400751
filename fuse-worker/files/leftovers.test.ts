import { expect, test } from 'vitest'
import { caller, openTestDrive, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import { hiddenName } from './leftovers.ts'

test('what a copy of an earlier life left behind goes at the next mount, and nothing else does', async () => {
  const scratch = scratchDirectory()
  const clock = new ManualClock()
  const store = createMemoryStore({ now: () => clock.now() })
  const open = () => openTestDrive({ store, clock, cacheDirectory: scratch.path })
  const [leftover, other, ofSomebody] = [hiddenName(), '.~lock.letter.odt#', hiddenName()]
  store.putForeign(`in/${ofSomebody}`, 'being copied by another computer')
  let drive = open()
  await drive.operations.readdir('/in')
  await drive.operations.mkdir('/here', 0o755, caller)
  await writeFile(drive.operations, `/here/${leftover}`, 'half of it')
  await writeFile(drive.operations, `/here/${other}`, 'Ana')
  await drive.close()
  drive = open()
  try {
    const begun = hiddenName()
    await writeFile(drive.operations, `/here/${begun}`, 'of this life')
    await expect.poll(() => drive.operations.readdir('/here')).not.toContain(leftover)
    expect([...(await drive.operations.readdir('/here'))].sort()).toEqual([other, begun].sort())
    expect(await drive.operations.readdir('/in')).toContain(ofSomebody)
  } finally {
    await drive.close()
    scratch.remove()
  }
})
