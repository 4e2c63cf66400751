import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chunkBytes } from '../cache/content-store.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { patternBytes } from '../testing/fs-under-test.ts'
import { writeFile } from '../testing/local-drive.ts'
import { UploadLives } from '../testing/upload-lives.ts'

let on: UploadLives
beforeEach(() => {
  on = new UploadLives()
})
afterEach(() => on.end())

const openUploads = async () => (await on.bucket.listMultipartUploads('large')).map(({ uploadId }) => uploadId)

/** The upload of a file of three parts fails at its second one, again and again. */
async function stuckUpload(): Promise<void> {
  on.script.on('uploadPart', { kind: 'fails', error: storeFailure('blocked') })
  await writeFile(on.operations, '/large', patternBytes(3 * chunkBytes, 5))
  await on.until(() => [...on.drive.journal.operations()].some(({ status }) => status.state === 'blocked'))
}

describe('an upload that nothing wants any more is given up', () => {
  test.each([
    ['deleted', () => on.operations.unlink('/large')],
    ['renamed', () => on.operations.rename('/large', '/other')],
  ])('when its file is %s', async (_how, change) => {
    await stuckUpload()
    await change()
    await on.until(() => on.requests('abortMultipartUpload') === 1)
    expect(await openUploads()).toEqual([])
  })

  test('when the next process finds it so', async () => {
    await stuckUpload()
    on.script.on('abortMultipartUpload', { kind: 'hangs' })
    await on.operations.unlink('/large')
    await on.until(() => on.script.calls('abortMultipartUpload').length === 1)
    await on.crash()
    await on.until(() => on.requests('abortMultipartUpload') === 1)
    expect(await openUploads()).toEqual([])
  })

  test('again and again until the bucket lets go of it', async () => {
    await stuckUpload()
    on.script.on('abortMultipartUpload', { kind: 'fails', error: storeFailure('retry') }, { times: 3 })
    await on.operations.unlink('/large')
    await on.until(() => on.requests('abortMultipartUpload') === 1)
    expect(on.script.calls('abortMultipartUpload')).toHaveLength(4)
    expect(await openUploads()).toEqual([])
  })

  test('and one of somebody else, on the very same key, is never touched', async () => {
    const theirs = await on.bucket.createMultipartUpload('large', { metadata: {} })
    await on.bucket.uploadPart('large', theirs, 1, Buffer.from('their part'))
    await stuckUpload()
    await on.crash()
    await on.operations.unlink('/large')
    await on.until(() => on.requests('abortMultipartUpload') === 1)
    await writeFile(on.operations, '/large', patternBytes(2 * chunkBytes + 1, 6))
    expect(await on.drain()).toBe(0)
    await on.crash()
    await on.clock.advance(10 * 60_000)
    expect(await openUploads()).toEqual([theirs])
    expect(await on.bucket.listParts('large', theirs)).toHaveLength(1)
  })
})
