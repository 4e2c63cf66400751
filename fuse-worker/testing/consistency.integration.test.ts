import { consistencyModes } from '../../contracts/drive.ts'
import { consistencySuite } from './consistency-suite.ts'
import { startMounted } from './mounted-fs.ts'
import { startS3Target } from './s3-target.ts'

for (const consistency of consistencyModes)
  consistencySuite(`on a mount, ${consistency}`, consistency, startMounted(startS3Target, { consistency }))
