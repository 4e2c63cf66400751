import { describe, expect, it } from 'vitest'
import { badgeOfFile, badgeOfFolder, type FileFacts, type FolderFacts } from './badge.ts'

const file: FileFacts = {
  isLocalOnly: false,
  isContentDirty: false,
  put: undefined,
  isKept: false,
  sizeBytes: 10,
  cachedBytes: 0,
}

describe('what stands at a file', () => {
  const table: [string, Partial<FileFacts>, ReturnType<typeof badgeOfFile>][] = [
    ['nothing of it is here', {}, 'online-only'],
    ['a part of it is here', { cachedBytes: 9 }, 'online-only'],
    ['all of it is here', { cachedBytes: 10 }, 'cached'],
    ['it is empty', { sizeBytes: 0 }, 'cached'],
    ['it is kept offline', { isKept: true, cachedBytes: 10 }, 'pinned'],
    ['it is kept and not here yet', { isKept: true }, 'pinned'],
    ['it was changed', { put: 'queued', isContentDirty: true, cachedBytes: 10 }, 'waiting'],
    ['it is being written, and no operation is there yet', { isContentDirty: true, cachedBytes: 10 }, 'waiting'],
    ['only its attributes were changed', { put: 'queued' }, 'waiting'],
    ['it is tried again later', { put: 'waiting', isContentDirty: true }, 'waiting'],
    ['it is on its way', { put: 'running', isContentDirty: true }, 'uploading'],
    ['it is kept and on its way', { put: 'running', isKept: true }, 'uploading'],
    ['it cannot be sent', { put: 'blocked', isKept: true }, 'blocked'],
    ['it is in conflict', { put: 'conflict', isKept: true, cachedBytes: 10 }, 'conflict'],
    ['it never leaves this computer', { isLocalOnly: true, isContentDirty: true, cachedBytes: 10 }, 'local-only'],
    ['it became local-only while in conflict', { isLocalOnly: true, put: 'conflict' }, 'conflict'],
  ]
  it.each(table)('%s', (_what, facts, badge) => {
    expect(badgeOfFile({ ...file, ...facts })).toBe(badge)
  })
})

describe('what stands at a folder', () => {
  const table: [string, Partial<FolderFacts>, ReturnType<typeof badgeOfFolder>][] = [
    ['nothing is to be said', {}, undefined],
    ['it is kept offline', { isKept: true }, 'pinned'],
    ['something below it waits', { isKept: true, pending: 'waiting' }, 'waiting'],
    ['something below it is in conflict', { pending: 'conflict' }, 'conflict'],
    ['it never leaves this computer', { isLocalOnly: true }, 'local-only'],
  ]
  it.each(table)('%s', (_what, facts, badge) => {
    expect(badgeOfFolder({ isLocalOnly: false, isKept: false, pending: undefined, ...facts })).toBe(badge)
  })
})
