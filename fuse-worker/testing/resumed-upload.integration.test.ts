/** A real worker killed in the middle of a large upload to a real server. */
import { afterEach, expect, test } from 'vitest'
import { startDemoServer, type DemoServer } from '../../demo-server/server.ts'
import { chunkBytes } from '../cache/content-store.ts'
import { patternBytes, writeAll, type FsUnderTest } from './fs-under-test.ts'
import { startMounted } from './mounted-fs.ts'
import { testAccountAt } from './s3-target.ts'

const size = 200_000_000
const partsBefore = 10
/** Sent and answered for, perhaps, when the process died before it could record them. */
const partsInFlight = 4

let server: DemoServer
let fs: FsUnderTest

afterEach(() => fs.stop())

async function startServer() {
  const [accessKeyId, secretAccessKey, bucket] = ['TESTKEY', 'test-secret', 'test']
  server = await startDemoServer({
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

/** The probe of the endpoint sends some of its own. */
const isTheFile = (key: string | undefined): boolean => key?.endsWith('large.bin') ?? false
const logged = (operation: string) =>
  server.requestLog.entries({ operation, status: 200 }).filter(({ key }) => isTheFile(key))
/** Of what the server took in; what it never answered does not count. */
const taken = (): number => logged('UploadPart').reduce((sum, one) => sum + one.receivedBytes, 0)

test('an upload in parts that is cut off by a crash goes on where it was', async () => {
  fs = await startMounted(startServer)(async () => undefined)
  let parts = 0
  server.setFaults(({ operation, key }) =>
    operation === 'UploadPart' && isTheFile(key) && ++parts > partsBefore ? { kind: 'hang' } : undefined,
  )
  const content = patternBytes(size, 41)
  await writeAll(fs, '/large.bin', content)
  await fs.eventually(async () => expect(taken()).toBe(partsBefore * chunkBytes))
  server.setFaults(undefined)
  await fs.crash()
  expect(await fs.upload()).toBe(0)

  expect((await fs.bucket.get('large.bin'))?.equals(content)).toBe(true)
  expect(taken()).toBeGreaterThanOrEqual(size)
  expect(taken()).toBeLessThanOrEqual(size + partsInFlight * chunkBytes)
  expect(logged('CreateMultipartUpload')).toHaveLength(1)
}, 120_000)
