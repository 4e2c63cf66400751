import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chunkBytes } from '../cache/content-store.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { patternBytes } from '../testing/fs-under-test.ts'
import { writeFile } from '../testing/local-drive.ts'
import { UploadLives } from '../testing/upload-lives.ts'

const parts = 5
const size = (parts - 1) * chunkBytes + 1_000
const content = patternBytes(size, 3)

let on: UploadLives
beforeEach(() => {
  on = new UploadLives()
})
afterEach(() => on.end())

const openUploads = () => on.bucket.listMultipartUploads('')
const arrived = () => on.bucket.peek('large')

/** The upload is under way and stands still after so many parts. */
async function sendSome(count: number): Promise<void> {
  for (let nth = count + 1; nth <= parts; nth++) on.script.on('uploadPart', { kind: 'hangs' }, { nth })
  await writeFile(on.operations, '/large', content)
  await on.until(() => on.script.hanging() === Math.min(4, parts - count) && on.requests('uploadPart') === count)
}

async function changeByte(position: number): Promise<void> {
  const { mtimeMs, atimeMs } = await on.operations.getattr('/large')
  const handle = await on.operations.open('/large', 2)
  await on.operations.write(handle, Buffer.from([content[position] === 7 ? 8 : 7]), position)
  await on.operations.flush(handle)
  await on.operations.release(handle)
  await on.operations.utimens('/large', atimeMs, mtimeMs)
}

/** The next life finds, at its first look at the parts, that this does not work. */
async function crashInto(kind: 'offline' | 'blocked'): Promise<void> {
  await on.crash((script) => script.on('listParts', { kind: 'fails', error: storeFailure(kind) }, { nth: 1 }))
  await on.until(() => on.script.calls('listParts').length === 1)
  if (kind === 'offline') await on.until(() => !on.drive.connection.isOnline)
}

describe('an upload in parts that its process did not live to finish', () => {
  test.each([0, 1, 4])('goes on after part %i: only the missing ones are sent', async (count) => {
    await sendSome(count)
    const before = on.sentBytes
    await on.crash()
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.sentBytes).toBe(size)
    expect(on.sentBytes - before).toBe(size - count * chunkBytes)
    expect(on.requests('createMultipartUpload')).toBe(1)
    expect(await openUploads()).toEqual([])
  })

  test('dies again after it has looked at its parts: nothing is sent twice', async () => {
    await sendSome(2)
    await on.crash()
    on.script.on('uploadPart', { kind: 'hangs' })
    await on.until(() => on.script.hanging() === 3)
    await on.crash()
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.sentBytes).toBe(size)
  })

  test('dies before it is completed: nothing is sent again', async () => {
    on.script.on('completeMultipartUpload', { kind: 'hangs' })
    await writeFile(on.operations, '/large', content)
    await on.until(() => on.script.hanging() === 1)
    await on.crash()
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.sentBytes).toBe(size)
  })

  test('dies after it was completed and before that was recorded: the object is recognised', async () => {
    on.script.on('completeMultipartUpload', { kind: 'hangs' })
    await writeFile(on.operations, '/large', content)
    await on.until(() => on.script.hanging() === 1)
    await on.crash()
    await on.releaseDead()
    expect(arrived()?.equals(content)).toBe(true)
    expect(await on.drain()).toBe(0)
    expect(on.sentBytes).toBe(size)
    expect(await openUploads()).toEqual([])
  })

  test('is completed by the dead one and then changed: the change is what the bucket ends with', async () => {
    on.script.on('completeMultipartUpload', { kind: 'hangs' })
    await writeFile(on.operations, '/large', content)
    await on.until(() => on.script.hanging() === 1)
    await on.crash()
    await changeByte(chunkBytes + 5)
    await on.releaseDead()
    expect(await on.drain()).toBe(0)
    expect(arrived()?.[chunkBytes + 5]).toBe(content[chunkBytes + 5] === 7 ? 8 : 7)
    expect([...on.drive.journal.operations()]).toEqual([])
  })

  test('a part counts only if what is here still has its checksum', async () => {
    await sendSome(3)
    await crashInto('offline')
    await changeByte(chunkBytes + 5)
    await on.until(() => on.drive.connection.isOnline)
    expect(await on.drain()).toBe(0)
    expect(arrived()?.[chunkBytes + 5]).toBe(content[chunkBytes + 5] === 7 ? 8 : 7)
    expect(on.sentBytes).toBe(size + chunkBytes)
    expect(on.requests('createMultipartUpload')).toBe(1)
  })

  test('a part counts only if the bucket lists it as it answered', async () => {
    await sendSome(3)
    const [upload] = await openUploads()
    await on.bucket.uploadPart('large', upload?.uploadId ?? '', 2, Buffer.alloc(chunkBytes, 9))
    await on.crash()
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.sentBytes).toBe(size + chunkBytes)
  })

  test('of a file with other attributes now begins anew, and the old one is given up', async () => {
    await sendSome(3)
    await crashInto('offline')
    await on.operations.chmod('/large', 0o600)
    await on.until(() => on.drive.connection.isOnline)
    expect(await on.drain()).toBe(0)
    await on.until(() => on.requests('abortMultipartUpload') === 1)
    expect(arrived()?.equals(content)).toBe(true)
    expect((await on.bucket.head('large'))?.metadata['mode']).toBe(String(0o100600))
    expect(await openUploads()).toEqual([])
  })

  test('that somebody else ended begins anew', async () => {
    await sendSome(3)
    const [upload] = await openUploads()
    await on.bucket.abortMultipartUpload('large', upload?.uploadId ?? '')
    await on.crash()
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.requests('createMultipartUpload')).toBe(2)
  })

  test('whose parts the keys may not list begins anew', async () => {
    await sendSome(3)
    await crashInto('blocked')
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    await on.until(() => on.requests('abortMultipartUpload') === 1)
    expect(await openUploads()).toEqual([])
  })
})

describe('an upload in parts that fails in the middle', () => {
  test.each(['retry', 'offline'] as const)('is kept and goes on (%s)', async (kind) => {
    on.script.on('uploadPart', { kind: 'fails', error: storeFailure(kind) }, { nth: 4 })
    await writeFile(on.operations, '/large', content)
    await on.until(() => on.bucket.keys().includes('large'))
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.sentBytes).toBe(size)
    expect(on.requests('createMultipartUpload')).toBe(1)
    expect(on.requests('abortMultipartUpload')).toBe(0)
  })

  test('is kept while a person holds it, and goes on when he lets it', async () => {
    await sendSome(2)
    const [operation] = [...on.drive.journal.operations()]
    await on.drive.uploader.hold(operation?.id ?? 0)
    await on.until(() => operation?.status.state === 'blocked')
    on.script.release()
    on.drive.uploader.retry(operation?.id ?? 0)
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.sentBytes).toBe(size)
  })

  test('whose completion was answered into nowhere is completed once, and nothing is sent again', async () => {
    on.script.on('completeMultipartUpload', { kind: 'loses-reply', error: storeFailure('retry') }, { nth: 1 })
    await writeFile(on.operations, '/large', content)
    expect(await on.drain()).toBe(0)
    expect(arrived()?.equals(content)).toBe(true)
    expect(on.sentBytes).toBe(size)
  })

  test('never replaces what another client wrote meanwhile', async () => {
    await sendSome(4)
    on.bucket.putForeign('large', 'theirs')
    await on.crash()
    await on.drain()
    expect([...on.drive.journal.operations()].map(({ status }) => status.state)).toEqual(['conflict'])
    expect(arrived()?.toString()).toBe('theirs')
  })
})

describe('a file of which the bucket has most', () => {
  beforeEach(async () => {
    await writeFile(on.operations, '/large', content)
    await on.drain()
  })

  test('whose changed version arrived without an answer and that was changed again stands on that version', async () => {
    on.script.on('completeMultipartUpload', { kind: 'loses-reply', error: storeFailure('retry') }, { nth: 2 })
    await changeByte(5)
    await on.until(() => on.script.calls('completeMultipartUpload').length === 2)
    await changeByte(chunkBytes + 5)
    await on.until(() => on.drive.journal.size === 0)
    expect(arrived()?.[5]).not.toBe(content[5])
    expect(arrived()?.[chunkBytes + 5]).not.toBe(content[chunkBytes + 5])
    expect(
      arrived()
        ?.subarray(2 * chunkBytes)
        .equals(content.subarray(2 * chunkBytes)),
    ).toBe(true)
  })

  test('whose attributes alone were changed, without an answer, gets them once', async () => {
    on.script.on('copy', { kind: 'loses-reply', error: storeFailure('retry') }, { nth: 1 })
    await on.operations.chmod('/large', 0o600)
    expect(await on.drain()).toBe(0)
    expect((await on.bucket.head('large'))?.metadata['mode']).toBe(String(0o100600))
  })
})
