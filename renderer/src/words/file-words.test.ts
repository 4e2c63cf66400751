import { describe, expect, it } from 'vitest'
import { fileBadges } from '../../../contracts/file.ts'
import type { FileEntry } from '../../../contracts/file.ts'
import {
  chosenFilesInWords,
  fileState,
  kindInWords,
  matchesInWords,
  rowInWords,
  sizeInWords,
  totalInWords,
} from './file-words.ts'

const now = new Date('2026-11-21T16:00:00').getTime()

function file(change: Partial<FileEntry> = {}): FileEntry {
  return { name: 'a.txt', kind: 'file', sizeBytes: 1000, modifiedAt: now, cachedBytes: 0, ...change }
}

describe('the state of a file', () => {
  it('has words of its own for every badge, of a file and of a folder', () => {
    for (const kind of ['file', 'folder'] as const) {
      const labels = fileBadges.map((badge) => fileState(file({ badge, kind, cachedBytes: 1000 }))?.label)
      expect(new Set(labels).size).toBe(fileBadges.length)
    }
  })

  it('says nothing of a folder of which there is nothing to say', () => {
    expect(fileState(file({ kind: 'folder' }))).toBeUndefined()
  })

  it('says how much is here of what is partly here, and of what is being fetched to be kept', () => {
    expect(fileState(file({ badge: 'online-only', cachedBytes: 250 }))?.label).toBe('25 % here')
    expect(fileState(file({ badge: 'pinned', cachedBytes: 250 }))).toMatchObject({
      label: 'Downloading, 25 %',
      tone: 'active',
    })
    expect(fileState(file({ badge: 'pinned', cachedBytes: 1000 }))?.label).toBe('Kept offline')
    expect(fileState(file({ badge: 'pinned', sizeBytes: 0 }))?.label).toBe('Kept offline')
  })

  it('says how far an upload is, where it is known', () => {
    expect(fileState(file({ badge: 'uploading' }))?.label).toBe('Uploading')
    expect(fileState(file({ badge: 'uploading' }), 42)?.label).toBe('Uploading, 42 %')
  })

  it('says why a file is blocked instead of what that means', () => {
    const problem = { code: 'access-denied' as const, message: 'No permission.', remedy: 'Ask for it.' }
    expect(fileState(file({ badge: 'blocked', problem }))?.meaning).toBe('No permission. Ask for it.')
  })
})

describe('a row', () => {
  it('is said with its name, folder, state, size and time', () => {
    expect(rowInWords(file({ badge: 'cached' }), { nowMs: now, folder: 'letters' })).toBe(
      'a.txt, letters, On this computer, 1 kB, today 16:00',
    )
    expect(rowInWords(file({ kind: 'folder', name: 'raw', modifiedAt: 0 }), { nowMs: now })).toBe('raw, folder')
  })

  it('has a kind by its name', () => {
    expect(kindInWords(file({ name: 'x.tar.gz' }))).toBe('GZ file')
    expect(kindInWords(file({ name: '.profile' }))).toBe('File')
    expect(kindInWords(file({ name: 'Makefile' }))).toBe('File')
    expect(kindInWords(file({ kind: 'link' }))).toBe('Link')
  })

  it('has a size only as a file', () => {
    expect(sizeInWords(file({ sizeBytes: 0 }))).toBe('0 bytes')
    expect(sizeInWords(file({ kind: 'folder' }))).toBe('')
  })
})

describe('what there is and what is chosen', () => {
  it('counts so far while a folder is read for the first time', () => {
    expect(totalInWords(1240, { state: 'known' })).toBe('1,240 items')
    expect(totalInWords(1240, { state: 'known' }, true)).toBe('1,240 items, being sorted…')
    expect(totalInWords(40, { state: 'fetching', isFirst: true })).toBe('40 items so far')
  })

  it('adds the sizes up', () => {
    expect(chosenFilesInWords([file(), file()], 12)).toBe('2 of 12 selected, 2 kB')
    expect(chosenFilesInWords([file({ kind: 'folder', sizeBytes: 0 })], 12)).toBe('1 of 12 selected')
  })

  it('says of a search whether there may be more', () => {
    expect(matchesInWords(0, { isTruncated: false, isIndexing: false })).toBe('Nothing found.')
    expect(matchesInWords(0, { isTruncated: false, isIndexing: true })).toContain('still being read')
    expect(matchesInWords(500, { isTruncated: true, isIndexing: false })).toContain('The first 500')
    expect(matchesInWords(3, { isTruncated: false, isIndexing: true })).toBe('3 found. Names are still being read.')
  })
})
