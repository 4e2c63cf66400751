import { describe, test } from 'vitest'
import { filesystemSuite } from './filesystem-suite.ts'
import { startMounted } from './mounted-fs.ts'
import { isRgwInstalled, startRgw } from './rgw.ts'
import { testAccountAt, type S3Target } from './s3-target.ts'

async function startRgwTarget(): Promise<S3Target> {
  const rgw = await startRgw()
  return {
    account: { ...testAccountAt(rgw.endpoint, rgw.accessKeyId, rgw.region), provider: 'ceph' },
    secret: { secretAccessKey: rgw.secretAccessKey },
    bucket: rgw.bucket,
    honoursEveryCondition: false,
    stop: () => rgw.stop(),
  }
}

if (await isRgwInstalled()) filesystemSuite('a mounted drive on Ceph RADOS Gateway', startMounted(startRgwTarget))
else describe('a mounted drive on Ceph RADOS Gateway', () => test.skip('radosgw is not installed'))
