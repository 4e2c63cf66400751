/** Ceph's RADOS Gateway as the service a suite runs against. */
import { startRgw } from './rgw.ts'
import { testAccountAt, type S3Target } from './s3-target.ts'

export async function startRgwTarget(): Promise<S3Target> {
  const rgw = await startRgw()
  return {
    account: { ...testAccountAt(rgw.endpoint, rgw.accessKeyId, rgw.region), provider: 'ceph' },
    secret: { secretAccessKey: rgw.secretAccessKey },
    bucket: rgw.bucket,
    honoursEveryCondition: false,
    stop: () => rgw.stop(),
  }
}
