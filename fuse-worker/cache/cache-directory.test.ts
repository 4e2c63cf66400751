import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { caller, makeTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

describe('the folder of the cache', () => {
  let scratch: ReturnType<typeof scratchDirectory>

  beforeEach(() => {
    scratch = scratchDirectory()
  })

  afterEach(() => scratch.remove())

  it('that cannot be made is refused in words', () => {
    writeFileSync(join(scratch.path, 'file'), '')
    const open = (): unknown =>
      makeTestDrive({ store: createMemoryStore(), cacheDirectory: join(scratch.path, 'file', 'cache') })
    expect(open).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'cache-unusable' }) as unknown }),
    )
  })

  it('that vanishes under a drive fails what needs it, and the drive answers on', async () => {
    const cacheDirectory = join(scratch.path, 'cache')
    const drive = makeTestDrive({ store: createMemoryStore(), cacheDirectory })
    await writeFile(drive.operations, '/before', 'open')
    rmSync(cacheDirectory, { recursive: true })
    const handle = await drive.operations.create('/after', 0o644, caller)
    await expect((async () => drive.operations.write(handle, Buffer.from('x'), 0))()).rejects.toBeInstanceOf(Error)
    expect(await readFile(drive.operations, '/before')).toBe('open')
    await drive.close()
  })
})
