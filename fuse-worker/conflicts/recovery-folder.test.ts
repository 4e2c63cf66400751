import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '../runtime/log.ts'
import { scratchDirectory } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { keptMs, RecoveryFolder } from './recovery-folder.ts'

let scratch: ReturnType<typeof scratchDirectory>
let clock: ManualClock

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
})
afterEach(() => scratch.remove())

const openFolder = (): RecoveryFolder => new RecoveryFolder({ directory: scratch.path, clock, log: silentLog })
const about = (version: string) => ({ path: `docs/${version}.txt`, side: 'mine' as const, modifiedAt: 5, version })
const whole = { isIncomplete: false }

async function keep(folder: RecoveryFolder, version: string, text = version): Promise<string> {
  const { id } = await folder.keep(about(version), async (file) => {
    await file.writeFile(text)
    return whole
  })
  return id
}

it('what is kept is there in the next process, with what it is', async () => {
  const id = await keep(openFolder(), 'one', 'the text')
  const folder = openFolder()
  expect(folder.list()).toEqual([
    expect.objectContaining({ id, path: 'docs/one.txt', side: 'mine', sizeBytes: 8, modifiedAt: 5 }),
  ])
  expect(readFileSync(folder.get(id).contentPath, 'utf8')).toBe('the text')
})

it('what could not be written whole is not kept, and leaves nothing', async () => {
  const folder = openFolder()
  const failing = folder.keep(about('one'), async (file) => {
    await file.writeFile('half')
    throw new Error('disk full')
  })
  await expect(failing).rejects.toThrow('disk full')
  expect(folder.list()).toEqual([])
  expect(readdirSync(scratch.path)).toEqual([])
})

it('of a death while it was written nothing is left, and of what was finished everything', async () => {
  await keep(openFolder(), 'one')
  mkdirSync(join(scratch.path, '7-x.part'))
  writeFileSync(join(scratch.path, '7-x.part', 'content'), 'half')
  expect(openFolder().list()).toHaveLength(1)
  expect(existsSync(join(scratch.path, '7-x.part'))).toBe(false)
})

it('an attempt made again after a crash keeps the same version once; later it is another discarding', async () => {
  const folder = openFolder()
  expect(await keep(folder, 'one')).toBe(await keep(folder, 'one'))
  await clock.advance(2 * 3600_000)
  await keep(folder, 'one')
  expect(folder.list()).toHaveLength(2)
})

it('bytes whose description is damaged are kept all the same, and a description without bytes is not shown', async () => {
  const damaged = await keep(openFolder(), 'one', 'precious')
  const gone = await keep(openFolder(), 'two')
  writeFileSync(join(scratch.path, damaged, 'about.json'), '{')
  rmSync(join(scratch.path, gone, 'content'))
  const folder = openFolder()
  expect(folder.list().map(({ id }) => id)).toEqual([damaged])
  expect(readFileSync(folder.get(damaged).contentPath, 'utf8')).toBe('precious')
})

it('goes after 30 days, also in a process that runs on, and when it is removed', async () => {
  const folder = openFolder()
  folder.start()
  await keep(folder, 'one')
  await clock.advance(keptMs - 3600_000)
  const late = await keep(folder, 'two')
  await clock.advance(24 * 3600_000)
  expect(folder.list().map(({ id }) => id)).toEqual([late])
  folder.remove([late, 'unknown', '../..'])
  expect(folder.list()).toEqual([])
  expect(readdirSync(scratch.path)).toEqual([])
  folder.stop()
})
