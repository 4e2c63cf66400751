/** One file, so that one server serves it all. The parts stand in the `*.suite.ts` files. */
import { describe } from 'vitest'
import { describeAccess } from './access.suite.ts'
import { describeChecksums } from './checksums.suite.ts'
import { describeConditions } from './conditions.suite.ts'
import { describeCopy } from './copy.suite.ts'
import { describeHistory } from './history.suite.ts'
import { describeKeys } from './keys.suite.ts'
import { describeListing } from './listing.suite.ts'
import { describeLock } from './lock.suite.ts'
import { describeMultipart } from './multipart.suite.ts'
import { describeObjects } from './objects.suite.ts'
import { describeBuckets, describeVersioning } from './versioning.suite.ts'
import { targetName, useTarget } from './target.ts'

describe(`S3 as ${targetName()} has it`, () => {
  const target = useTarget()
  describeObjects(target)
  describeKeys(target)
  describeListing(target)
  describeConditions(target)
  describeAccess(target)
  describeCopy(target)
  describeMultipart(target)
  describeBuckets(target)
  describeVersioning(target)
  describeHistory(target)
  describeLock(target)
  describeChecksums(target)
})
