import { describe, test } from 'vitest'
import { consistencyModes } from '../../contracts/drive.ts'
import { consistencySuite } from './consistency-suite.ts'
import { filesystemSuite } from './filesystem-suite.ts'
import { startMounted } from './mounted-fs.ts'
import { startRgwTarget } from './rgw-target.ts'
import { isRgwInstalled } from './rgw.ts'

if (await isRgwInstalled()) {
  filesystemSuite('a mounted drive on Ceph RADOS Gateway', startMounted(startRgwTarget))
  for (const consistency of consistencyModes) {
    const start = startMounted(startRgwTarget, { consistency })
    consistencySuite(`on Ceph RADOS Gateway, ${consistency}`, consistency, start)
  }
} else describe('a mounted drive on Ceph RADOS Gateway', () => test.skip('radosgw is not installed'))
