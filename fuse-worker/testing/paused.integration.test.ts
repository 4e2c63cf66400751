/** A real mount that is paused, and a server that notes what it is asked. */
import { randomBytes } from 'node:crypto'
import * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DriveStatus } from '../../contracts/drive.ts'
import type { WorkerRequestName, WorkerParams, WorkerResult } from '../../contracts/worker-protocol.ts'
import { startDemoServer, type DemoServer } from '../../demo-server/server.ts'
import { testAccountAt } from './s3-target.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const [accessKeyId, secretAccessKey, bucket] = ['TESTKEY', 'test-secret', 'test']
const writes = ['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CopyObject', 'DeleteObject']
const patience = { timeout: 60_000, interval: 50 }

let server: DemoServer
let base: string
let mountpoint: string
let worker: WorkerProcess

beforeEach(async () => {
  server = await startDemoServer({
    users: [{ accessKeyId, secretAccessKey, policy: 'full' }],
    buckets: [{ name: bucket }],
  })
  base = await files.mkdtemp(join(tmpdir(), 'cloudmount-paused-'))
  mountpoint = join(base, 'mount')
  await files.mkdir(mountpoint)
  await mount()
})

afterEach(async () => {
  await ask('drive:unmount', { pending: 'leave', isForced: true }).catch(() => undefined)
  await worker.kill()
  await files.rm(base, { recursive: true, force: true })
  await server.stop()
})

async function mount(): Promise<void> {
  worker = await startWorkerProcess()
  await ask('drive:mount', {
    drive: {
      id: 'paused',
      accountId: 'test',
      name: 'Paused',
      bucket,
      prefix: '',
      mountpoint,
      isReadOnly: false,
      consistency: 'close-to-open',
      mountsAtStart: false,
    },
    account: testAccountAt(server.endpoint, accessKeyId),
    secret: { secretAccessKey },
    cacheDirectory: join(base, 'cache'),
  })
}

function ask<N extends WorkerRequestName>(name: N, params: WorkerParams<N>): Promise<WorkerResult<N>> {
  return worker.link.request(name, params, { deadlineMs: 60_000 })
}

async function status(): Promise<DriveStatus> {
  return (await ask('drive:snapshot', {})).status
}

const writesSeen = () => writes.reduce((sum, operation) => sum + server.requestLog.count(operation), 0)

test('A paused drive takes changes and sends none, also after its process was killed, and sends all when it is resumed', async () => {
  const large = randomBytes(20_000_000)
  await files.writeFile(join(mountpoint, 'before'), 'uploaded before')
  expect(await ask('drive:sync', { deadlineMs: 60_000 })).toEqual({ pendingOperations: 0 })
  server.requestLog.clear()

  await ask('drive:pause', {})
  await files.writeFile(join(mountpoint, 'small'), 'written while paused')
  await files.writeFile(join(mountpoint, 'large'), large)
  await files.unlink(join(mountpoint, 'before'))
  expect(await status()).toMatchObject({ pause: {}, pendingOperations: 3 })

  await worker.kill()
  await mount()
  expect(await status()).toMatchObject({ pause: {}, pendingOperations: 3 })
  expect(await files.readFile(join(mountpoint, 'small'), 'utf8')).toBe('written while paused')
  expect((await ask('drive:snapshot', {})).transfers.map((transfer) => transfer.status.state)).toEqual([
    'queued',
    'queued',
    'queued',
  ])
  expect(writesSeen()).toBe(0)

  await ask('drive:resume', {})
  await vi.waitFor(async () => expect((await status()).pendingOperations).toBe(0), patience)
  expect(server.requestLog.entries({ key: 'small', operation: 'PutObject' })).toHaveLength(1)
  expect((await status()).pause).toBeUndefined()
})

test('Who asks for everything to be uploaded ends the pause', async () => {
  await ask('drive:pause', {})
  await files.writeFile(join(mountpoint, 'file'), 'content')
  expect(await ask('drive:sync', { deadlineMs: 60_000 })).toEqual({ pendingOperations: 0 })
  expect((await status()).pause).toBeUndefined()
})
