import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { FsError } from '../fuse/kernel.ts'
import { caller, drained, openTestDrive, readFile, scratchDirectory } from './local-drive.ts'
import { ManualClock } from './manual-clock.ts'
import { createMemoryStore } from './memory-store.ts'

describe('a read-only drive', () => {
  const clock = new ManualClock()
  const store = createMemoryStore({ now: () => clock.now() })
  const scratch = scratchDirectory()
  let drive: LocalDrive
  beforeAll(() => {
    store.putForeign('folder/file', 'content')
    drive = openTestDrive({ store, clock, cacheDirectory: scratch.path, isReadOnly: true })
  })
  afterAll(async () => {
    await drive.close()
    scratch.remove()
  })

  test('can be read', async () => {
    expect(await drive.operations.readdir('/folder')).toEqual(['file'])
    expect(await readFile(drive.operations, '/folder/file')).toBe('content')
  })

  const refused: Record<string, () => unknown> = {
    create: () => drive.operations.create('/new', 0o644, caller),
    'open for writing': () => drive.operations.open('/folder/file', 1),
    'open for both': () => drive.operations.open('/folder/file', 2),
    truncate: () => drive.operations.truncate('/folder/file', 0),
    unlink: () => drive.operations.unlink('/folder/file'),
    mkdir: () => drive.operations.mkdir('/new', 0o755, caller),
    rmdir: () => drive.operations.rmdir('/folder'),
    rename: () => drive.operations.rename('/folder/file', '/folder/other'),
    symlink: () => drive.operations.symlink('x', '/link', caller),
    mknod: () => drive.operations.mknod('/new', 0o100644, 0, caller),
    chmod: () => drive.operations.chmod('/folder/file', 0o600),
    chown: () => drive.operations.chown('/folder/file', 1, 1),
    utimens: () => drive.operations.utimens('/folder/file', 0, 0),
    setxattr: () => drive.operations.setxattr('/folder/file', 'user.a', Buffer.from('x'), 0),
    removexattr: () => drive.operations.removexattr('/folder/file', 'user.a'),
  }
  test.each(Object.entries(refused))('%s is EROFS, and nothing changes', async (_name, call) => {
    const error = await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FsError)
    expect((error as FsError).errno).toBe('EROFS')
    expect(await drained(drive, clock)).toBe(0)
    expect(store.keys()).toEqual(['folder/file'])
  })
})
