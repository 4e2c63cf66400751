/** The rename of a folder: at once here, and carried out in the bucket behind it. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Transfer } from '../../contracts/transfer.ts'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { caller, drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock, turn } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let clock: ManualClock
let bucket: MemoryStore
let script: FaultScript
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>
let transfers: Map<string, Transfer>

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now(), pageSize: 100 })
  transfers = new Map()
  open('cache')
})
afterEach(async () => {
  script.release()
  await drive.close()
  scratch.remove()
})

function open(directory: string): void {
  const failing = createFailingStore(bucket)
  script = failing.script
  drive = openTestDrive({
    store: failing.store,
    clock: clock.fork(),
    cacheDirectory: join(scratch.path, directory),
    onTransfers: (changed) => {
      for (const transfer of changed) transfers.set(transfer.id, transfer)
    },
  })
}

const requests = ['head', 'list', 'get', 'put', 'copy', 'delete'] as const
const requestCount = (): number => requests.reduce((sum, name) => sum + script.calls(name).length, 0)
const keys = (prefix = ''): string[] => bucket.keys().filter((key) => key.startsWith(prefix))
const settled = (): Promise<number> => drained(drive, clock, 600_000)
const names = async (path: string): Promise<string[]> => [...(await drive.operations.readdir(path))].sort()
function goOffline(): void {
  for (const name of requests) script.on(name, { kind: 'fails', error: storeFailure('offline') })
}
async function goOnline(): Promise<void> {
  script.release()
  drive.connection.tryNow()
  await clock.advance(60_000)
}

function fill(folder: string, count: number): void {
  for (let index = 0; index < count; index++)
    bucket.putForeign(`${folder}/${String(index).padStart(5, '0')}`, `${index}`)
}

describe('a folder is renamed with everything below it, in one step here', () => {
  test('10,000 objects: the rename asks nothing of the bucket, and what follows is bounded', async () => {
    fill('old', 10_000)
    await names('/')
    const before = requestCount()
    await drive.operations.rename('/old', '/new')
    expect(requestCount() - before).toBe(0)
    expect(drive.journal.size).toBe(0)
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, drive.journal.size)), 1)
    expect(await settled()).toBe(0)
    clearInterval(watch)
    expect(keys('old')).toEqual([])
    expect(keys('new').length).toBe(10_000)
    expect(bucket.peek('new/09999')?.toString()).toBe('9999')
    expect(most).toBeLessThanOrEqual(2_000)
  }, 60_000)

  test('one nobody has listed is read under its new name before anything was moved', async () => {
    fill('old/deep', 3)
    await names('/')
    await drive.operations.rename('/old', '/new')
    expect(await names('/new')).toEqual(['deep'])
    expect(await readFile(drive.operations, '/new/deep/00001')).toBe('1')
    expect(await names('/')).toEqual(['new'])
    expect(keys('new')).toEqual([])
    expect(await settled()).toBe(0)
    expect(keys()).toEqual(['new/deep/00000', 'new/deep/00001', 'new/deep/00002'])
  })

  test('offline it is renamed all the same, and what was cached of it is read', async () => {
    fill('old', 3)
    await names('/old')
    await readFile(drive.operations, '/old/00002')
    goOffline()
    await drive.operations.rename('/old', '/new')
    expect(await names('/new')).toEqual(['00000', '00001', '00002'])
    expect(await readFile(drive.operations, '/new/00002')).toBe('2')
    await writeFile(drive.operations, '/new/made-offline', 'mine')
    await drive.operations.unlink('/new/00000')
    await drive.operations.rename('/new', '/newer')
    await goOnline()
    expect(await settled()).toBe(0)
    expect(keys()).toEqual(['newer/00001', 'newer/00002', 'newer/made-offline'])
  })

  test('renamed back before anything was sent, nothing is sent', async () => {
    fill('old', 5)
    await names('/old')
    await drive.operations.rename('/old', '/new')
    await drive.operations.rename('/new', '/old')
    expect(await settled()).toBe(0)
    expect(script.calls('copy')).toEqual([])
    expect(script.calls('delete')).toEqual([])
    expect(await names('/')).toEqual(['old'])
  })

  test('renamed back in the middle, what had moved comes back', async () => {
    fill('old', 1_200)
    await names('/')
    script.on('list', { kind: 'hangs' }, { nth: 5 })
    await drive.operations.rename('/old', '/new')
    while (script.hanging() === 0 || keys('new').length < 300) await clock.advance(100)
    await drive.operations.rename('/new', '/old')
    script.release()
    expect(await settled()).toBe(0)
    expect(keys('new')).toEqual([])
    expect(keys('old').length).toBe(1_200)
    expect((await names('/old')).length).toBe(1_200)
    expect(bucket.peek('old/00007')?.toString()).toBe('7')
  })

  test('two folders change places', async () => {
    fill('one', 3)
    bucket.putForeign('two/00001', 'two’s own')
    await names('/')
    await drive.operations.rename('/one', '/three')
    await drive.operations.rename('/two', '/one')
    await drive.operations.rename('/three', '/two')
    expect(await settled()).toBe(0)
    expect(keys()).toEqual(['one/00001', 'two/00000', 'two/00001', 'two/00002'])
    expect(bucket.peek('one/00001')?.toString()).toBe('two’s own')
    expect(bucket.peek('two/00001')?.toString()).toBe('1')
  })
})

describe('what happens while a folder moves', () => {
  test('its old name is free at once, and a new folder there has only what is put into it', async () => {
    fill('old', 3)
    await names('/')
    goOffline()
    await drive.operations.rename('/old', '/new')
    await drive.operations.mkdir('/old', 0o755, caller)
    await writeFile(drive.operations, '/old/00001', 'another')
    await goOnline()
    expect(await names('/old')).toEqual(['00001'])
    expect(await settled()).toBe(0)
    expect(keys()).toEqual(['new/00000', 'new/00001', 'new/00002', 'old/', 'old/00001'])
    expect(bucket.peek('new/00001')?.toString()).toBe('1')
    expect(bucket.peek('old/00001')?.toString()).toBe('another')
    await clock.advance(20_000)
    expect([await names('/old'), (await names('/new')).length]).toEqual([['00001'], 3])
  })

  test('a file changed in it, one deleted and one moved out of it end up so', async () => {
    fill('old', 4)
    await names('/old')
    await drive.operations.rename('/old', '/new')
    const handle = await drive.operations.open('/new/00000', 1)
    await drive.operations.write(handle, Buffer.from('changed'), 0)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    await drive.operations.unlink('/new/00001')
    await drive.operations.rename('/new/00002', '/out')
    await drive.operations.chmod('/new/00003', 0o600)
    expect(await settled()).toBe(0)
    expect(keys()).toEqual(['new/00000', 'new/00003', 'out'])
    expect(bucket.peek('new/00000')?.toString()).toBe('changed')
    expect(bucket.peek('out')?.toString()).toBe('2')
  })

  test('another client’s change below the old name moves along, and nothing of it is lost', async () => {
    fill('old', 3)
    await names('/old')
    await drive.operations.rename('/old', '/new')
    script.on('copy', { kind: 'hangs' }, { key: 'new/00001' })
    const done = settled()
    while (script.hanging() === 0) await clock.advance(100)
    bucket.putForeign('old/00001', 'theirs')
    bucket.deleteForeign('old/00002')
    script.release()
    expect(await done).toBe(0)
    expect(keys('old')).toEqual([])
    expect(bucket.peek('new/00001')?.toString()).toBe('theirs')
    expect(await readFile(drive.operations, '/new/00001')).toBe('theirs')
  })

  test('a process that dies in the middle goes on where it was', async () => {
    fill('old/sub', 300)
    fill('old', 300)
    await names('/')
    await drive.operations.rename('/old', '/new')
    for (let life = 1; life <= 5; life++) {
      await clock.advance(2_000)
      for (let turns = 0; turns < 40 * life; turns++) await turn()
      const dead = drive
      const left = life === 1 ? 'cache' : `cache-${life}`
      cpSync(join(scratch.path, left), join(scratch.path, `cache-${life + 1}`), { recursive: true })
      script.on('list', { kind: 'fails', error: storeFailure('cancelled') })
      open(`cache-${life + 1}`)
      await dead.close()
    }
    expect(await settled()).toBe(0)
    expect(keys('old')).toEqual([])
    expect(keys('new').length).toBe(600)
    expect((await names('/new')).length).toBe(301)
  }, 30_000)

  test('a key that would be too long stays where it is and is shown; the others move', async () => {
    const long = 'n'.repeat(200)
    const deep = `${long}/${long}/${long}/${long}`
    bucket.putForeign(`old/${deep}/${'x'.repeat(210)}`, 'long')
    bucket.putForeign('old/short', 'short')
    await names('/')
    await drive.operations.rename('/old', '/a-much-longer-name')
    expect(await settled()).toBe(2)
    expect(keys('a-much-longer-name')).toEqual(['a-much-longer-name/short'])
    expect(keys('old').length).toBe(1)
    await clock.advance(200)
    const shown = drive.transfers().filter(({ kind }) => kind !== 'move')
    expect(shown.map(({ status }) => status)).toMatchObject([{ state: 'blocked', problem: { code: 'name-too-long' } }])
  })
})

describe('a move is one transfer', () => {
  test('with the items done and found, and no operation of it beside it', async () => {
    fill('old', 1_200)
    await names('/')
    script.on('list', { kind: 'hangs' }, { nth: 5 })
    await drive.operations.rename('/old', '/new')
    while (script.hanging() === 0) await clock.advance(100)
    const [move, ...others] = drive.transfers()
    expect(others).toEqual([])
    expect(move).toMatchObject({ kind: 'move', path: 'new', move: { from: 'old', isCounting: true, isUndo: false } })
    expect(move?.move?.totalItems).toBe(300)
    script.release()
    expect(await settled()).toBe(0)
    await clock.advance(200)
    expect(drive.transfers()).toEqual([])
    expect([...transfers.values()]).toMatchObject([
      { kind: 'move', status: { state: 'done' }, move: { doneItems: 1_200, totalItems: 1_200, isCounting: false } },
    ])
  })

  test('cancelled, it goes back with what was changed meanwhile; a taken name refuses it', async () => {
    fill('old', 600)
    await names('/')
    script.on('list', { kind: 'hangs' }, { nth: 5 })
    await drive.operations.rename('/old', '/new')
    while (script.hanging() === 0 || keys('new').length < 300) await clock.advance(100)
    await writeFile(drive.operations, '/new/mine', 'made meanwhile')
    const id = drive.transfers().find(({ kind }) => kind === 'move')?.id ?? ''
    await drive.operations.symlink('x', '/old', caller)
    await expect(drive.cancelMove(id)).rejects.toMatchObject({ problem: { code: 'already-exists' } })
    await drive.operations.unlink('/old')
    script.release()
    await drive.cancelMove(id)
    expect(await settled()).toBe(0)
    expect(keys('new')).toEqual([])
    expect(keys('old').length).toBe(601)
    await clock.advance(200)
    expect(transfers.get(id)).toMatchObject({ status: { state: 'cancelled' } })
    await expect(drive.cancelMove(id)).rejects.toMatchObject({ problem: { code: 'not-found' } })
  })
})
