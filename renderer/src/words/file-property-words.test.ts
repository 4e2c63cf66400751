import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../../../contracts/file.ts'
import { absentInWords, bucketLines, computerLines, detailLines, sumLines } from './file-property-words.ts'

const entry: FileEntry = {
  name: 'a.txt',
  kind: 'file',
  sizeBytes: 12_345,
  modifiedAt: 1,
  cachedBytes: 0,
  badge: 'online-only',
}

describe('properties', () => {
  it('tell the size to the byte, the folder and the state', () => {
    const lines = computerLines({ path: 'x/y/a.txt', entry, bucket: { state: 'absent' } }, 0)
    const value = (label: string) => lines.find((line) => line.label === label)?.value
    expect(value('Size')).toBe('12.3 kB (12,345 bytes)')
    expect(value('Folder')).toBe('x/y')
    expect(value('State')).toContain('Online only. In the bucket')
  })

  it('tell of the object what the bucket told, and nothing else', () => {
    const object = { key: 'p/a.txt', etag: '"abc"', sizeBytes: 5, metadata: {} }
    const labels = bucketLines(object, 0).map(({ label }) => label)
    expect(labels).toEqual(['Key', 'Size', 'ETag', 'Storage class'])
    const all = bucketLines({ ...object, versionId: 'v', encryption: 'AES256', storageClass: 'STANDARD_IA' }, 0)
    expect(all.find(({ label }) => label === 'Storage class')?.value).toBe('STANDARD_IA')
    expect(all.map(({ label }) => label)).toContain('Version')
  })

  it('are told of several: how many, and what they take', () => {
    const folder: FileEntry = { name: 'f', kind: 'folder', sizeBytes: 0, cachedBytes: 0, modifiedAt: 0 }
    const lines = (entries: FileEntry[]) => sumLines(entries).map(({ label, value }) => [label, value])
    const here = { ...entry, cachedBytes: 345 }
    expect(lines([entry, here])).toEqual([
      ...[
        ['Files', '2'],
        ['Size', '24.7 kB'],
        ['On this computer', '345 bytes'],
      ],
    ])
    expect(lines([entry, folder])).toEqual([
      ...[
        ['Files', '1'],
        ['Folders', '1'],
        ['Size', '12.3 kB without what is in folders'],
        ['On this computer', '0 bytes'],
      ],
    ])
    expect(lines([folder])).toEqual([['Folders', '1']])
    expect(detailLines({ path: 'f', entry: folder }, 0).map(({ value }) => value)).toEqual([
      'Folder',
      'The drive itself',
    ])
  })

  it('say why there is no object', () => {
    expect(absentInWords({ ...entry, kind: 'folder' })).toContain('no object of its own')
    expect(absentInWords({ ...entry, badge: 'local-only' })).toContain('stays on this computer')
    expect(absentInWords({ ...entry, badge: 'waiting' })).toContain('Not in the bucket')
  })
})
