/** Points the integration tests at a Ceph gateway when CLOUDMOUNT_TEST_GATEWAY=rgw; otherwise they start what they need. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.CLOUDMOUNT_TEST_GATEWAY !== 'rgw') return undefined
  // Loaded only where it is wanted: it brings the whole SDK.
  const { startRgw } = await import('../../fuse-worker/testing/rgw.ts')
  const gateway = await startRgw()
  Object.assign(process.env, {
    CLOUDMOUNT_TEST_S3_ENDPOINT: gateway.endpoint,
    CLOUDMOUNT_TEST_S3_ACCESS_KEY_ID: gateway.accessKeyId,
    CLOUDMOUNT_TEST_S3_SECRET_ACCESS_KEY: gateway.secretAccessKey,
    CLOUDMOUNT_TEST_S3_BUCKET: gateway.bucket,
    CLOUDMOUNT_TEST_S3_REGION: gateway.region,
    // Debian 12's Ceph accepts some conditions and ignores them; from 20 on it honours them.
    CLOUDMOUNT_TEST_S3_IS_WEAK: Number(gateway.version.split('.')[0]) < 20 ? '1' : '0',
  })
  return () => gateway.stop()
}
