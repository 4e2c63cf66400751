import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LocalDrive } from '../../drive.ts'
import { createFailingStore } from '../failing-store.ts'
import { drained, openTestDrive, scratchDirectory, writeFile } from '../local-drive.ts'
import { ManualClock } from '../manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../memory-store.ts'
import { Random } from '../random.ts'
import { replay } from './replay.ts'
import { saveTraces, type SaveTrace } from './traces.ts'

/** Those that are over within the write-back delay, and concern nothing but the document. */
const quickTraces = saveTraces.filter(({ others, calls }) => others === undefined && !calls.includes('wait'))
const writes = ['put', 'copy', 'completeMultipartUpload', 'delete'] as const

describe('a save is one upload of the final content, and nothing else ever reaches the bucket', () => {
  let clock: ManualClock
  let bucket: MemoryStore
  let script: ReturnType<typeof createFailingStore>['script']
  let drive: LocalDrive
  let scratch: ReturnType<typeof scratchDirectory>
  const random = new Random(5)

  beforeEach(async () => {
    clock = new ManualClock()
    scratch = scratchDirectory()
    bucket = createMemoryStore({ now: () => clock.now() })
    const failing = createFailingStore(bucket)
    script = failing.script
    drive = openTestDrive({ store: failing.store, cacheDirectory: scratch.path, clock })
    await drive.operations.mkdir('/folder', 0o755, { uid: 1000, gid: 1000, pid: 1 })
    await writeFile(drive.operations, '/folder/report.odt', random.bytes(700))
    expect(await drained(drive, clock)).toBe(0)
  })

  afterEach(async () => {
    await drive.close()
    scratch.remove()
  })

  const requests = (): string[] => writes.flatMap((name) => script.calls(name).map((key) => `${name} ${key}`))

  async function save(trace: SaveTrace, content: Buffer): Promise<void> {
    await replay(trace.calls, {
      operations: drive.operations,
      folder: '/folder',
      document: 'report.odt',
      content,
      wait: (delayMs) => clock.advance(delayMs),
    })
  }

  test.each(saveTraces)('$program', async (trace) => {
    const content = random.bytes(9_000)
    const before = requests()
    await save(trace, content)
    const afterwards = await drive.operations.getattr('/folder/report.odt')
    await clock.advance(10_000)
    expect(await drained(drive, clock)).toBe(0)
    const wanted = Object.keys(trace.others ?? {}).map((key) => `put folder/${key}`)
    expect(requests().sort()).toEqual([...before, 'put folder/report.odt', ...wanted].sort())
    expect(bucket.peek('folder/report.odt')?.equals(content)).toBe(true)
    const others = Object.keys(trace.others ?? {}).map((key) => `folder/${key}`)
    expect(bucket.keys()).toEqual(['folder/', 'folder/report.odt', ...others].sort())
    expect(afterwards.mode & 0o7777).toBe(trace.mode ?? 0o644)
    expect(await drive.operations.getattr('/folder/report.odt')).toMatchObject(stable(afterwards))
    if (trace.mtimeMs !== undefined) expect(afterwards.mtimeMs).toBe(trace.mtimeMs)
  })

  test.each(quickTraces)('$program, three times in a row before the upload', async (trace) => {
    const before = requests().filter((request) => request === 'put folder/report.odt').length
    let content = random.bytes(100)
    for (let count = 0; count < 3; count++) {
      content = random.bytes(3_000 + count)
      await save(trace, content)
      await clock.advance(500)
    }
    await clock.advance(10_000)
    expect(await drained(drive, clock)).toBe(0)
    expect(requests().filter((request) => request === 'put folder/report.odt')).toHaveLength(before + 1)
    expect(bucket.peek('folder/report.odt')?.equals(content)).toBe(true)
    expect(bucket.keys()).toEqual(['folder/', 'folder/report.odt'])
  })
})

/** What an upload must not change. */
function stable({ ino, mode, mtimeMs, size }: { ino: number; mode: number; mtimeMs: number; size: number }): object {
  return { ino, mode, mtimeMs, size }
}
