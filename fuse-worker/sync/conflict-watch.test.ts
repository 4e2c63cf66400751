/** Conflicts found before anything is written, followed while they wait, and over by themselves. */
import { constants } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConflictDrive } from '../testing/conflict-drive.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { writeFile } from '../testing/local-drive.ts'
import { turn } from '../testing/manual-clock.ts'

let on: ConflictDrive
beforeEach(() => {
  on = new ConflictDrive()
})
afterEach(() => on.end())

/** Something is to be sent and cannot be, while the bucket can be looked at. */
const refuseWrites = (): void => on.script.on('put', { kind: 'fails', error: storeFailure('blocked') })

describe('a listing finds a conflict before any write', () => {
  test('of a file that is open for hours', async () => {
    await on.shared('a', 'base')
    const handle = await on.operations.open('/a', constants.O_RDWR)
    await on.operations.write(handle, Buffer.from('mine'), 0)
    const theirs = on.bucket.putForeign('a', 'theirs')
    await on.list()
    expect(on.conflict('a').theirs?.etag).toBe(theirs.etag)
    expect(on.script.calls('put')).toEqual([])
    await on.operations.write(handle, Buffer.from('more'), 4)
    await on.close(handle)
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.script.calls('put')).toEqual([])
    expect(await on.read('a')).toBe('minemore')
  })

  test('of an upload that waits, edited and deleted and made by both', async () => {
    await on.shared('edited', 'base')
    await on.shared('deleted', 'base')
    refuseWrites()
    await on.edit('edited', 'mine')
    await on.edit('deleted', 'mine')
    await writeFile(on.operations, '/made', 'mine')
    await on.upload()
    const calls = on.script.calls('put').length
    on.bucket.putForeign('edited', 'theirs')
    on.bucket.deleteForeign('deleted')
    on.bucket.putForeign('made', 'theirs')
    await on.list()
    expect(on.left().sort()).toEqual(['put deleted conflict', 'put edited conflict', 'put made conflict'])
    expect(on.script.calls('put').length).toBe(calls)
  })

  test('and with the same content, that there is nothing left to send', async () => {
    await on.shared('a', 'base')
    refuseWrites()
    await on.edit('a', 'same')
    await on.upload()
    on.bucket.putForeign('a', 'same')
    await on.list()
    expect(on.left()).toEqual([])
    expect(on.drive.space().unsyncedBytes).toBe(0)
    on.script.release()
    await on.edit('a', 'next')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('next')
  })

  test('and asks for the object once, however often it is listed', async () => {
    await on.shared('a', 'base')
    refuseWrites()
    await on.edit('a', 'mine')
    await on.upload()
    on.bucket.putForeign('a', 'theirs')
    const before = on.script.calls('head').length
    for (let count = 0; count < 5; count++) await on.list()
    expect(on.script.calls('head').length - before).toBe(1)
  })

  test('a look that fails is made again at the next listing', async () => {
    await on.shared('a', 'base')
    refuseWrites()
    await on.edit('a', 'mine')
    await on.upload()
    on.bucket.putForeign('a', 'theirs')
    on.script.on('head', { kind: 'fails', error: storeFailure('retry') }, { times: 1 })
    await on.list()
    expect(on.left()).toEqual(['put a blocked'])
    await on.list()
    expect(on.left()).toEqual(['put a conflict'])
  })

  test('an attempt of ours whose answer was lost is not taken for another client’s write', async () => {
    await on.shared('a', 'base')
    on.script.on('put', { kind: 'loses-reply', error: storeFailure('retry') }, { nth: 1 })
    refuseWrites()
    await on.edit('a', 'mine')
    await on.clock.advance(3_000)
    expect(on.text('a')).toBe('mine')
    await on.list()
    expect(on.left().some((one) => one.endsWith('conflict'))).toBe(false)
    on.script.release()
    on.drive.uploader.retryBlocked()
    expect(await on.upload()).toEqual([])
  })
})

describe('a conflict of a file that was renamed and not edited follows its old name', () => {
  beforeEach(async () => {
    await on.shared('old', 'base')
    await on.list()
    on.bucket.putForeign('new', 'theirs')
    await on.operations.rename('/old', '/new')
    expect(await on.upload()).toContain('put new conflict')
  })

  test('deleted there: it is over, and theirs shows', async () => {
    on.bucket.deleteForeign('old')
    await on.list()
    for (let turns = 0; turns < 100 && on.left().length > 0; turns++) await turn()
    expect(await on.upload()).toEqual([])
    expect(await on.list()).toEqual(['new'])
    expect(await on.read('new')).toBe('theirs')
  })

  test('changed there: that version is mine now', async () => {
    on.bucket.putForeign('old', 'base, edited')
    await on.list()
    expect(await on.read('new')).toBe('base, edited')
    on.bucket.deleteForeign('new')
    await on.list()
    expect(await on.upload()).toEqual([])
    expect(on.text('new')).toBe('base, edited')
    expect(on.text('old')).toBeUndefined()
  })
})

describe('a conflict that waits', () => {
  beforeEach(async () => {
    await on.shared('a', 'base')
    await on.edit('a', 'mine')
    on.bucket.putForeign('a', 'theirs')
    await on.upload()
  })

  test('is updated by another change of theirs, and keeps the moment it was found', async () => {
    const { sinceMs } = on.conflict('a')
    const next = on.bucket.putForeign('a', 'theirs again')
    await on.list()
    expect(on.conflict('a')).toMatchObject({ theirs: { etag: next.etag, sizeBytes: 12 }, sinceMs })
    on.bucket.deleteForeign('a')
    await on.list()
    expect(on.conflict('a').theirs).toBeUndefined()
    expect(on.conflict('a').problem.message).toContain('deleted by another client')
    on.bucket.putForeign('a', 'back')
    await on.list()
    expect(on.conflict('a')).toMatchObject({ theirs: { sizeBytes: 4 }, sinceMs })
  })

  test('loses a choice that was made for another version of theirs, and no other', async () => {
    const put = on.put('a')
    const status = on.conflict('a')
    const choice = { kind: 'mine', revision: '1', theirsEtag: status.theirs?.etag, appliesAtMs: 0 } as const
    on.drive.journal.setStatus(put, { ...status, choice })
    await on.drive.refreshConflict(put.id)
    expect(on.conflict('a').choice).toEqual(choice)
    on.bucket.putForeign('a', 'theirs again')
    await on.drive.refreshConflict(put.id)
    expect(on.conflict('a').choice).toBeUndefined()
  })

  test('is over when the bucket is back at what the change was built on', async () => {
    on.bucket.putForeign('a', 'base')
    await on.list()
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('mine')
  })

  test('is over when theirs has become the same as mine', async () => {
    on.bucket.putForeign('a', 'mine')
    await on.list()
    expect(on.left()).toEqual([])
  })

  test('follows what is changed here as well', async () => {
    on.bucket.putForeign('a', 'the same in the end')
    await on.edit('a', 'the same in the end')
    await on.drive.refreshConflict(on.put('a').id)
    expect(on.left()).toEqual([])
  })

  test('survives a restart, and is looked at again by it', async () => {
    const { sinceMs } = on.conflict('a')
    await on.restart()
    expect(on.conflict('a').sinceMs).toBe(sinceMs)
    let etag = ''
    await on.restart(() => {
      etag = on.bucket.putForeign('a', 'while nobody looked').etag
    })
    await on.clock.advance(1_000)
    expect(on.conflict('a')).toMatchObject({ theirs: { etag }, sinceMs })
    expect(await on.read('a')).toBe('mine')
  })

  test('is looked at again when the network is back', async () => {
    for (const name of ['head', 'list', 'get'] as const)
      on.script.on(name, { kind: 'fails', error: storeFailure('offline') })
    await on.list().catch(() => undefined)
    expect(on.drive.connection.isOnline).toBe(false)
    const { etag } = on.bucket.putForeign('a', 'while offline')
    on.script.release()
    on.drive.connection.tryNow()
    await on.clock.advance(60_000)
    expect(on.conflict('a').theirs?.etag).toBe(etag)
  })

  test('refuses to be looked at while the bucket cannot be asked', async () => {
    on.script.on('head', { kind: 'fails', error: storeFailure('retry') })
    await expect(on.drive.refreshConflict(on.put('a').id)).rejects.toMatchObject({ kind: 'retry' })
    expect(on.left()).toEqual(['put a conflict'])
  })
})
