/** The behaviour of a drive, written once: run in process, on a real mount, and against any S3 service. */
import { afterAll, beforeAll, describe } from 'vitest'
import type { FsUnderTest, StartFs } from './fs-under-test.ts'
import { attributesSuite } from './suite/attributes.suite.ts'
import { deathsSuite } from './suite/deaths.suite.ts'
import { filesSuite } from './suite/files.suite.ts'
import { lockstepSuite } from './suite/lockstep.suite.ts'
import { namesSuite } from './suite/names.suite.ts'
import { otherClientsSuite, seedOfOtherClients } from './suite/other-clients.suite.ts'
import { programsSuite } from './suite/programs.suite.ts'

export function filesystemSuite(title: string, start: StartFs): void {
  describe(title, () => {
    let fs: FsUnderTest | undefined
    const on = (): FsUnderTest => {
      if (fs === undefined) throw new Error('the filesystem under test did not start')
      return fs
    }
    beforeAll(async () => {
      fs = await start(seedOfOtherClients)
    }, 120_000)
    afterAll(() => fs?.stop(), 60_000)

    otherClientsSuite(on)
    filesSuite(on)
    namesSuite(on)
    attributesSuite(on)
    deathsSuite(on)
    programsSuite(on)
    lockstepSuite(on)
  })
}
