import { constants } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import type { ObjectHead } from '../s3/store.ts'
import { drained, openTestDrive, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'
import { withEncryption, type NewObjects } from './new-objects.ts'

const caller = { uid: 1000, gid: 1000, pid: 1 }
const keyed = { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': 'theirs' }

describe('how what a drive writes is kept by the service', () => {
  let scratch: ReturnType<typeof scratchDirectory>
  let clock: ManualClock
  let bucket: MemoryStore
  let drive: LocalDrive
  let choice: NewObjects

  beforeEach(() => {
    scratch = scratchDirectory()
    clock = new ManualClock()
    bucket = createMemoryStore({ now: () => clock.now() })
    choice = { storageClass: 'STANDARD_IA', encryption: { kind: 'sse-kms', keyId: 'ours' } }
    const options = { store: bucket, cacheDirectory: scratch.path, clock, newObjects: () => choice }
    drive = openTestDrive(options)
  })
  afterEach(async () => {
    await clock.until(drive.close(), 60_000)
    scratch.remove()
  })

  const upload = async (): Promise<void> => expect(await drained(drive, clock)).toBe(0)
  const headersOf = async (key: string): Promise<ObjectHead['systemHeaders'] | undefined> =>
    (await bucket.head(key))?.systemHeaders

  it('A new file gets the storage class and the encryption of its drive; a new folder only the encryption.', async () => {
    await writeFile(drive.operations, '/new', 'bytes')
    await drive.operations.mkdir('/folder', 0o755, caller)
    await upload()
    const encryption = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'ours',
    }
    expect(await headersOf('new')).toEqual({ 'x-amz-storage-class': 'STANDARD_IA', ...encryption })
    expect(await headersOf('folder/')).toEqual(encryption)
  })

  it('An upload in parts is begun with them.', async () => {
    await writeFile(drive.operations, '/large', Buffer.alloc(20 * 1024 * 1024, 'x'))
    await upload()
    expect((await bucket.head('large'))?.etag).toContain('-')
    expect(await headersOf('large')).toMatchObject({ 'x-amz-storage-class': 'STANDARD_IA' })
  })

  it('An object keeps the storage class and the key it has when it is renamed, when only its attributes change, and when it is edited.', async () => {
    const own = { ...keyed, 'x-amz-storage-class': 'ONEZONE_IA' }
    for (const key of ['moved', 'touched', 'edited']) bucket.putForeign(key, 'theirs', { systemHeaders: own })
    await clock.advance(11_000)
    await drive.operations.rename('/moved', '/there')
    await drive.operations.chmod('/touched', 0o600)
    const handle = await drive.operations.open('/edited', constants.O_WRONLY)
    await drive.operations.write(handle, Buffer.from('mine, now'), 0)
    await drive.operations.release(handle)
    await upload()
    for (const key of ['there', 'touched', 'edited']) expect(await headersOf(key)).toEqual(own)
    expect(bucket.keys()).toEqual(['edited', 'there', 'touched'])
  })

  it('An object of the usual storage class stays in it, and without a key of its own gets that of the drive.', async () => {
    bucket.putForeign('plain', 'theirs')
    await clock.advance(11_000)
    await drive.operations.chmod('/plain', 0o600)
    await upload()
    expect(await headersOf('plain')).toEqual({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'ours',
    })
  })

  it('Another choice holds for uploads that begin from then on; what was written before keeps its own.', async () => {
    await writeFile(drive.operations, '/before', 'bytes')
    await upload()
    const before = await headersOf('before')
    choice = {}
    await drive.operations.chmod('/before', 0o600)
    await writeFile(drive.operations, '/after', 'bytes')
    await upload()
    expect(await headersOf('before')).toEqual(before)
    expect(await headersOf('after')).toEqual({})
    choice = { storageClass: 'GLACIER_IR' }
    await drive.operations.chmod('/after', 0o600)
    await upload()
    expect(await headersOf('after')).toEqual({})
  })

  it('With a key of a key management the ETag is no digest: the same content on both sides is still no conflict.', async () => {
    await writeFile(drive.operations, '/both', 'the same')
    bucket.putForeign('both', 'the same', { systemHeaders: keyed })
    await upload()
    expect([...drive.journal.operations()]).toEqual([])
    expect(bucket.peek('both')?.toString()).toBe('the same')
  })

  it('With a key of a key management another content that happens to look alike is a conflict.', async () => {
    await writeFile(drive.operations, '/both', 'my bytes')
    bucket.putForeign('both', 'not mine', { systemHeaders: keyed })
    await drained(drive, clock)
    expect([...drive.journal.operations()].map(({ status }) => status.state)).toEqual(['conflict'])
    expect(bucket.peek('both')?.toString()).toBe('not mine')
  })
})

it('encryption that is said already is left as it is', () => {
  const own = { metadata: {}, systemHeaders: keyed }
  expect(withEncryption(own, { encryption: { kind: 'sse-s3' } })).toBe(own)
  expect(withEncryption({ metadata: {} }, { encryption: { kind: 'sse-s3' } }).systemHeaders).toEqual({
    'x-amz-server-side-encryption': 'AES256',
  })
})
