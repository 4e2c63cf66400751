import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../../../contracts/file.ts'
import { possibleWith } from './abilities.ts'

function row(change: Partial<FileEntry> = {}) {
  const entry: FileEntry = { name: 'a.txt', kind: 'file', sizeBytes: 10, modifiedAt: 0, cachedBytes: 0, ...change }
  return { path: entry.name, entry }
}

const writable = { isReadOnly: false }

describe('what can be done with files', () => {
  it('offers nothing for nothing', () => {
    expect(possibleWith([], writable)).toEqual([])
  })

  it('frees only what is on this computer and not kept there', () => {
    expect(possibleWith([row({ badge: 'online-only' })], writable)).not.toContain('free')
    expect(possibleWith([row({ badge: 'cached', cachedBytes: 10 })], writable)).toContain('free')
    expect(possibleWith([row({ badge: 'pinned', cachedBytes: 10, kept: 'itself' })], writable)).not.toContain('free')
    expect(possibleWith([row({ kind: 'folder' })], writable)).toContain('free')
  })

  it('releases only where it was kept', () => {
    expect(possibleWith([row({ kept: 'itself' })], writable)).toContain('release')
    expect(possibleWith([row({ kept: 'with-folder' })], writable)).not.toContain('release')
    expect(possibleWith([row({ kept: 'itself' })], writable)).not.toContain('keep')
  })

  it('shares one file that the bucket can have', () => {
    expect(possibleWith([row()], writable)).toContain('share')
    expect(possibleWith([row({ badge: 'local-only' })], writable)).not.toContain('share')
    expect(possibleWith([row({ kind: 'folder' })], writable)).not.toContain('share')
    expect(possibleWith([row(), row({ name: 'b' })], writable)).not.toContain('share')
  })

  it('settles a file, and leads to the transfer of one that waits', () => {
    expect(possibleWith([row({ badge: 'conflict' })], writable)).toContain('settle')
    expect(possibleWith([row({ kind: 'folder', badge: 'conflict' })], writable)).not.toContain('settle')
    expect(possibleWith([row({ badge: 'blocked' })], writable)).toContain('transfers')
  })

  it('changes nothing on a drive that is read only', () => {
    const possible = possibleWith([row()], { isReadOnly: true })
    expect(possible).not.toContain('rename')
    expect(possible).not.toContain('delete')
    expect(possible).toContain('download')
  })

  it('does to several what can be done to any of them', () => {
    const some = [row({ kept: 'itself' }), row({ name: 'b', cachedBytes: 4, badge: 'cached' })]
    expect(possibleWith(some, writable)).toEqual(['keep', 'release', 'free', 'download', 'delete'])
  })
})
