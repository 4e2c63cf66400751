/**
 * The S3 service an integration test talks to: one of the environment (CLOUDMOUNT_TEST_S3_ENDPOINT, …_ACCESS_KEY_ID,
 * …_SECRET_ACCESS_KEY, …_BUCKET, …_REGION, …_IS_WEAK=1), else the embedded server, started on a free port for this test file alone.
 */
import { startDemoServer } from '../../demo-server/server.ts'
import type { Account, Secret } from '../../contracts/account.ts'

export type S3Target = {
  account: Account
  secret: Secret
  bucket: string
  /** False of services that accept conditions on multipart completion, copy sources and deletes, and ignore them. */
  honoursEveryCondition: boolean
  stop: () => Promise<void>
}

export async function startS3Target(): Promise<S3Target> {
  const { env } = process
  const endpoint = env.CLOUDMOUNT_TEST_S3_ENDPOINT
  if (endpoint === undefined) return startEmbedded()
  return {
    account: testAccountAt(endpoint, env.CLOUDMOUNT_TEST_S3_ACCESS_KEY_ID ?? '', env.CLOUDMOUNT_TEST_S3_REGION),
    secret: { secretAccessKey: env.CLOUDMOUNT_TEST_S3_SECRET_ACCESS_KEY ?? '' },
    bucket: env.CLOUDMOUNT_TEST_S3_BUCKET ?? 'test',
    honoursEveryCondition: env.CLOUDMOUNT_TEST_S3_IS_WEAK !== '1',
    stop: async () => {},
  }
}

async function startEmbedded(): Promise<S3Target> {
  const [accessKeyId, secretAccessKey, bucket] = ['TESTKEY', 'test-secret', 'test']
  const server = await startDemoServer({
    users: [{ accessKeyId, secretAccessKey, policy: 'full' }],
    buckets: [{ name: bucket }],
  })
  return {
    account: testAccountAt(server.endpoint, accessKeyId),
    secret: { secretAccessKey },
    bucket,
    honoursEveryCondition: true,
    stop: () => server.stop(),
  }
}

export function testAccountAt(endpoint: string, accessKeyId: string, region = 'us-east-1'): Account {
  return {
    id: 'test',
    name: 'Test',
    provider: 'other',
    endpoint,
    region,
    addressing: 'path',
    credentials: { kind: 'static', accessKeyId },
  }
}
