import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ResolutionKind } from '../../contracts/conflict.ts'
import { ConflictWorld, seenOf } from '../testing/conflict-world.ts'
import { caller, writeFile } from '../testing/local-drive.ts'
import { storeFailure } from '../testing/failing-store.ts'

let world: ConflictWorld
process.env['TZ'] = 'UTC'

beforeEach(() => {
  world = new ConflictWorld()
})
afterEach(() => world.end())

describe('a conflict that is settled', () => {
  it('keep mine: the bucket gets it, and theirs is among the recovered files', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    expect(conflict).toMatchObject({ kind: 'edited', mine: { sizeBytes: 4, isWhole: true, isOpen: false } })
    expect(world.choose(conflict, 'mine')).toBe('chosen')
    await world.settled()
    expect(world.bucket.peek('a.txt')?.toString()).toBe('mine')
    expect(await world.read('a.txt')).toBe('mine')
    expect(world.recovered()).toEqual(['theirs'])
    expect(world.drive.conflicts.recoveredFiles()).toMatchObject([{ path: 'a.txt', side: 'theirs', sizeBytes: 6 }])
  })

  it('keep theirs: the drive shows it, and mine is among the recovered files', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    expect(world.choose(conflict, 'theirs')).toBe('chosen')
    await world.settled()
    expect(world.bucket.peek('a.txt')?.toString()).toBe('theirs')
    expect(await world.read('a.txt')).toBe('theirs')
    expect(world.recovered()).toEqual(['mine'])
  })

  it('keep both: mine has a name of its own, theirs the old one, and nothing is discarded', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    await world.drive.operations.chmod('/a.txt', 0o600)
    const again = await world.conflict('a.txt')
    expect(world.choose(conflict, 'both')).toBe('moved-on')
    const { ino } = await world.drive.operations.getattr('/a.txt')
    expect(world.choose(again, 'both')).toBe('chosen')
    await world.settled()
    const name = (await world.names()).find((one) => one.includes('conflicted'))
    expect(name).toMatch(/^a \(conflicted copy, desk, 2026-11-21 12\.0\d\)\.txt$/)
    expect(await world.read('a.txt')).toBe('theirs')
    expect(world.bucket.peek('a.txt')?.toString()).toBe('theirs')
    expect(world.bucket.peek(name ?? '')?.toString()).toBe('mine')
    expect(await world.drive.operations.getattr(`/${name}`)).toMatchObject({ ino, mode: 0o100600 })
    expect(world.recovered()).toEqual([])
  })

  it('both made it: each choice ends with every version somewhere', async () => {
    for (const kind of ['mine', 'theirs', 'both'] as const) {
      const conflict = await world.created(`${kind}.txt`, `mine of ${kind}`, `theirs of ${kind}`)
      expect(conflict.kind).toBe('created')
      expect(world.choose(conflict, kind)).toBe('chosen')
      await world.settled()
      const all = await world.everywhere()
      expect(all).toContain(`mine of ${kind}`)
      expect(all).toContain(`theirs of ${kind}`)
    }
  })

  it('deleted there: mine and both put it back, theirs takes it away and keeps it', async () => {
    for (const kind of ['mine', 'both', 'theirs'] as const) {
      const conflict = await world.edited(`${kind}.txt`, `mine of ${kind}`, undefined)
      expect(conflict.kind).toBe('deleted')
      expect(world.choose(conflict, kind)).toBe('chosen')
      await world.settled()
    }
    expect(world.bucket.peek('mine.txt')?.toString()).toBe('mine of mine')
    expect(world.bucket.peek('both.txt')?.toString()).toBe('mine of both')
    expect(world.bucket.peek('theirs.txt')).toBeUndefined()
    expect(await world.names()).toEqual(['both.txt', 'mine.txt'])
    expect(world.recovered()).toEqual(['mine of theirs'])
  })

  it('merged: the text goes to the bucket, and both sides are among the recovered files', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    expect(await world.drive.conflicts.merge(seenOf(conflict), 'merged')).toMatchObject({ outcome: 'chosen' })
    expect(await world.read('a.txt')).toBe('merged')
    await world.settled()
    expect(world.bucket.peek('a.txt')?.toString()).toBe('merged')
    expect(world.recovered()).toEqual(['mine', 'theirs'])
  })

  it('a symbolic link made on both sides is settled like a file', async () => {
    await world.drive.operations.symlink('here', '/link', caller)
    world.foreign('link', 'theirs')
    const conflict = await world.conflict('link')
    expect(world.choose(conflict, 'both')).toBe('chosen')
    await world.settled()
    const name = (await world.names()).find((one) => one.includes('conflicted')) ?? ''
    expect(await world.drive.operations.readlink(`/${name}`)).toBe('here')
    expect(await world.read('link')).toBe('theirs')
  })

  it('a copy of a copy has one pair of brackets', async () => {
    const first = 'a (conflicted copy, other, 2020-01-01 10.00).txt'
    const conflict = await world.edited(first, 'mine', 'theirs')
    world.choose(conflict, 'both')
    await world.settled()
    const names = await world.names()
    expect(names).toHaveLength(2)
    expect(names.every((name) => name.split('(').length === 2)).toBe(true)
  })
})

describe('a choice', () => {
  it('can be taken back exactly until it is carried out', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    world.choose(conflict, 'mine', 8_000)
    expect((await world.conflict('a.txt')).choice).toMatchObject({ kind: 'mine', state: 'waiting' })
    await world.clock.advance(7_000)
    expect(world.bucket.peek('a.txt')?.toString()).toBe('theirs')
    world.drive.conflicts.undo([conflict.id])
    await world.clock.advance(60_000)
    const again = await world.conflict('a.txt')
    expect(again.choice).toBeUndefined()
    expect(world.bucket.peek('a.txt')?.toString()).toBe('theirs')
    expect(world.recovered()).toEqual([])
  })

  it('survives a restart', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    world.choose(conflict, 'both', 8_000)
    await world.reopen()
    expect((await world.conflict('a.txt')).choice).toMatchObject({ kind: 'both' })
    await world.settled()
    expect(await world.read('a.txt')).toBe('theirs')
    expect((await world.everywhere()).has('mine')).toBe(true)
  })

  it('for sides that are not there any more is not carried out', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    await writeFile(world.drive.operations, '/other', 'x')
    expect(world.choose({ ...conflict, theirs: { ...conflict.theirs!, etag: '"other"' } }, 'mine')).toBe('moved-on')
    expect(world.choose({ ...conflict, id: '999' }, 'mine')).toBe('gone')
    world.choose(conflict, 'theirs', 1_000)
    await world.clock.advance(10)
    const { operations } = world.drive
    const handle = await operations.open('/a.txt', 2)
    await operations.write(handle, Buffer.from('MINE'), 0)
    await operations.flush(handle)
    await operations.release(handle)
    await world.clock.advance(20_000)
    const again = await world.conflict('a.txt')
    expect(again.choice).toBeUndefined()
    expect(await world.read('a.txt')).toBe('MINE')
  })

  it('waits while a program has the file open for writing', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    const { operations } = world.drive
    const handle = await operations.open('/a.txt', 2)
    world.choose(conflict, 'theirs')
    await world.when('it waits', () => world.drive.conflicts.list()[0]?.choice?.state === 'waiting-for-close')
    await world.clock.advance(10_000)
    expect(world.drive.conflicts.list()[0]?.choice?.state).toBe('waiting-for-close')
    await operations.release(handle)
    await world.settled()
    expect(await world.read('a.txt')).toBe('theirs')
  })

  for (const kind of ['mine', 'theirs', 'both'] as const) {
    it(`of ${kind} is not carried out on a version that the bucket replaced`, async () => {
      const conflict = await world.edited('a.txt', 'mine', 'theirs')
      world.foreign('a.txt', 'later')
      expect(world.choose(conflict, kind)).toBe('chosen')
      if (kind === 'both') await world.settled()
      else {
        const etag = conflict.theirs?.etag
        const again = await world.when('it is updated', () =>
          world.drive.conflicts.list().find(({ theirs, choice }) => theirs?.etag !== etag && choice === undefined),
        )
        expect(again.since).toBe(conflict.since)
        expect(world.recovered()).toEqual([])
        expect(await world.read('a.txt')).toBe('mine')
      }
      await world.clock.advance(60_000)
      expect(world.bucket.peek('a.txt')?.toString()).toBe('later')
      expect((await world.everywhere()).has('mine')).toBe(true)
    })

    it(`of ${kind} waits for the network where it needs it, and goes on by itself`, async () => {
      const conflict = await world.edited('a.txt', 'mine', 'theirs')
      const calls = ['head', 'get', 'put', 'list'] as const
      for (const call of calls) world.script.on(call, { kind: 'fails', error: storeFailure('offline') })
      world.choose(conflict, kind)
      await world.clock.advance(30_000)
      if (kind === 'both') expect((await world.names()).length).toBe(2)
      else
        await world.when('the choice waits', () => {
          const choice = world.drive.conflicts.list()[0]?.choice
          return choice?.kind === kind && choice.state === 'waiting'
        })
      expect(world.drive.conflicts.list()[0]?.choice?.problem?.code).toBe(
        kind === 'both' ? undefined : 'endpoint-unreachable',
      )
      world.script.release()
      world.drive.connection.tryNow()
      await world.settled()
      const all = await world.everywhere()
      expect(all.has('mine') && all.has('theirs')).toBe(true)
    })
  }
})

const kinds: ResolutionKind[] = ['mine', 'theirs', 'both']

describe('whatever happens between two steps of a choice', () => {
  type Event = 'the bucket moves on' | 'the file is edited' | 'it is taken back' | 'the process ends'
  const events: Event[] = ['the bucket moves on', 'the file is edited', 'it is taken back', 'the process ends']
  for (const kind of kinds)
    for (const event of events)
      it(`${kind}: ${event}, at every call of the bucket, and every version is somewhere`, async () => {
        for (let at = 1; ; at++) {
          const path = `${at}.txt`
          const conflict = await world.edited(path, `mine ${at}`, `theirs ${at}`)
          const written = new Set([`mine ${at}`, `theirs ${at}`])
          let calls = 0
          let hasHappened = false
          const happen = async (): Promise<void> => {
            if (++calls !== at) return
            hasHappened = true
            if (event === 'the bucket moves on') {
              world.foreign(path, `later ${at}`)
              // What the other client replaced before it was chosen about is theirs to lose.
              written.add(`later ${at}`)
              written.delete(`theirs ${at}`)
            } else if (event === 'the file is edited' && isOpenConflict(path)) {
              await edit(path, `edited ${at}`)
              written.add(`edited ${at}`)
              written.delete(`mine ${at}`)
            } else if (event === 'it is taken back') world.drive.conflicts.undo([conflict.id])
          }
          world.beforeEachCall(happen)
          world.choose(conflict, kind)
          if (event === 'the process ends') {
            await world.when('the call, or the end', () => hasHappened || !isOpenConflict(path))
            await world.reopen()
          }
          await world.when('the choice is over', () => !hasChoice(path))
          await world.clock.advance(120_000)
          world.beforeEachCall(undefined)
          const all = await world.everywhere()
          for (const text of written) expect(all, `${kind}, ${event}, call ${at}`).toContain(text)
          // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the calls meanwhile
          if (!hasHappened) {
            expect(at).toBeGreaterThan(1)
            break
          }
          const left = world.drive.conflicts.list().find((one) => one.path === path)
          if (left !== undefined) world.choose(left, 'mine')
          await world.settled()
        }
      })

  async function edit(path: string, text: string): Promise<void> {
    const { operations } = world.drive
    const handle = await operations.open(`/${path}`, 2)
    await operations.write(handle, Buffer.from(text), 0)
    await operations.flush(handle)
    await operations.release(handle)
  }
  const hasChoice = (path: string): boolean =>
    world.drive.conflicts.list().some((one) => one.path === path && one.choice !== undefined)
  const isOpenConflict = (path: string): boolean => world.drive.conflicts.list().some((one) => one.path === path)
})
