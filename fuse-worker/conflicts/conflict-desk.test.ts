import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConflictWorld } from '../testing/conflict-world.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { readFile, writeFile } from '../testing/local-drive.ts'

let world: ConflictWorld

beforeEach(() => {
  world = new ConflictWorld()
})
afterEach(() => world.end())

describe('a preview', () => {
  it('is one side as a file nobody may write to, and goes with its conflict', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    const mine = await world.drive.conflicts.preview(conflict.id, 'mine')
    const theirs = await world.drive.conflicts.preview(conflict.id, 'theirs')
    expect([mine, theirs].map(({ path }) => [basename(path), readFileSync(path, 'utf8')])).toEqual([
      ['a.txt', 'mine'],
      ['a.txt', 'theirs'],
    ])
    expect(statSync(mine.path).mode & 0o777).toBe(0o400)
    expect((await world.drive.conflicts.preview(conflict.id, 'theirs')).path).toBe(theirs.path)
    world.choose(conflict, 'theirs')
    await world.settled()
    await world.when('they are gone', () => !existsSync(mine.path) && !existsSync(theirs.path))
  })

  it('is refused above the size that was asked for, before anything is fetched', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    await expect(world.drive.conflicts.preview(conflict.id, 'theirs', 5)).rejects.toMatchObject({
      problem: { code: 'file-too-large' },
    })
    expect(world.script.calls('get')).toEqual([])
  })

  it('of a version that is gone says so, and the conflict shows what there is now', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    world.foreign('a.txt', 'later on')
    await expect(world.drive.conflicts.preview(conflict.id, 'theirs')).rejects.toMatchObject({
      problem: { code: 'conflict' },
    })
    expect((await world.conflict('a.txt')).theirs?.sizeBytes).toBe(8)
  })
})

describe('a recovered file', () => {
  it('is put back beside what has its name, with the time it had, and reaches the bucket', async () => {
    const conflict = await world.edited('a.txt', 'mine', 'theirs')
    world.choose(conflict, 'theirs')
    await world.settled()
    const [file] = world.drive.conflicts.recoveredFiles()
    const first = await world.drive.conflicts.restore(file!.id)
    const second = await world.drive.conflicts.restore(file!.id)
    expect(first).toMatch(/^a \(recovered, 2026-11-21 \d\d\.\d\d\)\.txt$/)
    expect(second).toBe(first.replace(').txt', ') 2.txt'))
    expect((await world.drive.operations.getattr(`/${first}`)).mtimeMs).toBe(conflict.mine.modifiedAt)
    await world.settled()
    expect(world.bucket.peek(first)?.toString()).toBe('mine')
    expect(await world.read('a.txt')).toBe('theirs')
    const preview = await world.drive.conflicts.recoveredPreview(file!.id)
    expect(readFileSync(preview.path, 'utf8')).toBe('mine')
  })
})

describe('a standing choice', () => {
  it('keeps both as soon as a conflict is found, and leaves those that were there to the person', async () => {
    const before = await world.edited('before.txt', 'mine', 'theirs')
    world.drive.conflicts.configure({ policy: 'both', rules: [] })
    await writeFile(world.drive.operations, '/after.txt', 'mine')
    world.foreign('after.txt', 'theirs')
    await world.when('one is settled', () => world.bucket.keys().some((key) => key.startsWith('after (conflicted')))
    expect(world.drive.conflicts.list().map(({ id }) => id)).toEqual([before.id])
    expect(await world.read('after.txt')).toBe('theirs')
  })

  it('by a new rule of a folder settles what is there, and what was taken back stays', async () => {
    await world.drive.operations.mkdir('/docs', 0o755, { uid: 1000, gid: 1000, pid: 1 })
    const inside = await world.edited('docs/a.txt', 'mine', 'theirs')
    const outside = await world.edited('b.txt', 'mine', 'theirs')
    world.drive.conflicts.configure({ policy: 'ask', rules: [{ path: 'docs', policy: 'mine' }] })
    await world.when('it is settled', () => world.bucket.peek('docs/a.txt')?.toString() === 'mine')
    expect(world.drive.conflicts.list().map(({ id }) => id)).toEqual([outside.id])
    expect(inside.id).not.toBe(outside.id)
  })

  it('by a new rule leaves what a known rule of a folder inside it decides', async () => {
    await world.drive.operations.mkdir('/docs', 0o755, { uid: 1000, gid: 1000, pid: 1 })
    await world.drive.operations.mkdir('/docs/shared', 0o755, { uid: 1000, gid: 1000, pid: 1 })
    const known = { path: 'docs/shared', policy: 'ask' } as const
    world.drive.conflicts.configure({ policy: 'ask', rules: [known] })
    await world.edited('docs/a.txt', 'mine', 'theirs')
    const inside = await world.edited('docs/shared/b.txt', 'mine', 'theirs')
    world.drive.conflicts.configure({ policy: 'ask', rules: [known, { path: 'docs', policy: 'mine' }] })
    await world.when('it is settled', () => world.bucket.peek('docs/a.txt')?.toString() === 'mine')
    const left = world.drive.conflicts.list()
    expect(left.map(({ id, choice }) => [id, choice])).toEqual([[inside.id, undefined]])
    expect(world.bucket.peek('docs/shared/b.txt')?.toString()).toBe('theirs')
  })
})

describe('a change that cannot be sent', () => {
  it('is discarded for what the bucket has, and kept among the recovered files', async () => {
    await writeFile(world.drive.operations, '/a.txt', 'base')
    await world.settled()
    world.script.on('put', { kind: 'fails', error: storeFailure('blocked') })
    await writeFile(world.drive.operations, '/new.txt', 'never sent')
    const handle = await world.drive.operations.open('/a.txt', 2)
    await world.drive.operations.write(handle, Buffer.from('MINE'), 0)
    await world.drive.operations.flush(handle)
    await world.drive.operations.release(handle)
    await world.when(
      'both are stopped',
      () => [...world.drive.journal.operations()].filter(({ status }) => status.state === 'blocked').length === 2,
    )
    for (const { id } of [...world.drive.journal.operations()]) await world.drive.conflicts.discard(id)
    expect(await world.names()).toEqual(['a.txt'])
    expect(await readFile(world.drive.operations, '/a.txt')).toBe('base')
    expect(world.recovered()).toEqual(['MINE', 'never sent'])
    expect(world.drive.journal.size).toBe(0)
  })

  it('is discarded also while it waits or is being sent, and goes on where it is not', async () => {
    const { drive, script } = world
    await writeFile(drive.operations, '/a.txt', 'base')
    await world.settled()
    script.on('put', { kind: 'hangs' })
    await writeFile(drive.operations, '/sent.txt', 'on its way')
    const states = () => [...drive.journal.operations()].map(({ status }) => status.state)
    await world.when('it is being sent', () => states()[0] === 'running')
    const [sent] = drive.journal.operations()
    const handle = await drive.operations.open('/sent.txt', 2)
    await expect(drive.discard(sent!.id)).rejects.toMatchObject({ problem: { code: 'drive-busy' } })
    await drive.operations.release(handle)
    expect(states()).toEqual([expect.stringMatching('queued|running')])
    await drive.discard([...drive.journal.operations()][0]!.id)
    expect(await world.names()).toEqual(['a.txt'])
    expect(world.recovered()).toEqual(['on its way'])
    expect(world.bucket.keys()).toEqual(['a.txt'])
  })

  it('is not discarded while the bucket cannot be asked, nor when it is not stopped', async () => {
    await writeFile(world.drive.operations, '/a.txt', 'x')
    const [waiting] = world.drive.journal.operations()
    await expect(world.drive.conflicts.discard(waiting!.id)).rejects.toMatchObject({ problem: { code: 'not-found' } })
    world.script.on('put', { kind: 'fails', error: storeFailure('blocked') })
    await world.when('it is stopped', () => [...world.drive.journal.operations()][0]?.status.state === 'blocked')
    world.script.on('head', { kind: 'fails', error: storeFailure('retry') })
    await expect(world.drive.conflicts.discard(waiting!.id)).rejects.toThrow()
    expect(await readFile(world.drive.operations, '/a.txt')).toBe('x')
    expect(world.recovered()).toEqual([])
  })
})
