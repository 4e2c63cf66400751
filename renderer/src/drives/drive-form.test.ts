import { describe, expect, it } from 'vitest'
import { driveSchema } from '../../../contracts/drive.ts'
import { driveFormErrors, driveFormOf, driveOf, emptyDriveForm, suggestedMountpoint } from './drive-form.ts'
import type { DriveForm } from './drive-form.ts'

function filled(change: Partial<DriveForm> = {}): DriveForm {
  return { ...emptyDriveForm('a'), bucket: 'photos', mountpoint: '/home/ana/Photos', ...change }
}

it('a filled form is a valid drive, and reads back the same', () => {
  const form = filled({ folder: '/2026/summer/', cacheLimitGb: '2,5', cacheDirectory: '/cache' })
  expect(driveFormErrors(form)).toEqual({})
  const drive = driveOf(form)
  expect(drive).toMatchObject({ prefix: '2026/summer/', name: 'summer', cacheLimitBytes: 2_500_000_000 })
  expect(() => driveSchema.parse({ ...drive, id: 'x' })).not.toThrow()
  expect(driveOf(driveFormOf(drive))).toEqual(drive)
})

it('only patterns other than the usual ones are stored, one a line', () => {
  expect(driveOf(filled()).localOnlyPatterns).toBeUndefined()
  const drive = driveOf(filled({ localOnly: '*.tmp\n\n node_modules \n' }))
  expect(drive.localOnlyPatterns).toEqual(['*.tmp', 'node_modules'])
  expect(driveFormOf(drive).localOnly).toBe('*.tmp\nnode_modules')
})

it('storage class and encryption are stored where one is chosen, and read back the same', () => {
  expect(driveOf(filled())).not.toHaveProperty('storageClass')
  expect(driveOf(filled())).not.toHaveProperty('encryption')
  for (const change of [
    { storageClass: 'STANDARD_IA', encryption: 'sse-s3' },
    { storageClass: 'other', otherStorageClass: 'COLD_1', encryption: 'sse-kms', encryptionKey: ' alias/ours ' },
    { encryption: 'sse-kms' },
  ] satisfies Partial<DriveForm>[]) {
    const drive = driveOf(filled(change))
    expect(() => driveSchema.parse({ ...drive, id: 'x' })).not.toThrow()
    expect(driveOf(driveFormOf(drive))).toEqual(drive)
  }
  expect(driveOf(filled({ encryption: 'sse-kms', encryptionKey: ' alias/ours ' })).encryption).toEqual({
    kind: 'sse-kms',
    keyId: 'alias/ours',
  })
})

it('a drive without a folder is named after its bucket', () => expect(driveOf(filled()).name).toBe('photos'))

describe('what is missing or wrong is said', () => {
  it.each<[string, Partial<DriveForm>, keyof DriveForm]>([
    ['no account', { accountId: '' }, 'accountId'],
    ['no bucket', { bucket: '' }, 'bucket'],
    ['a bucket with a slash', { bucket: 'a/b/c' }, 'bucket'],
    ['no mountpoint', { mountpoint: '' }, 'mountpoint'],
    ['a relative mountpoint', { mountpoint: 'Photos' }, 'mountpoint'],
    ['a pattern of a path', { localOnly: '*.tmp\na/b' }, 'localOnly'],
    ['a class without a name', { storageClass: 'other' }, 'otherStorageClass'],
    ['a class nobody can read', { storageClass: 'other', otherStorageClass: 'deep_archive' }, 'otherStorageClass'],
    ['a limit of nothing', { cacheLimitGb: '0' }, 'cacheLimitGb'],
    ['a folder no key can hold', { folder: 'ä'.repeat(600) }, 'folder'],
  ])('%s', (_name, change, field) => expect(Object.keys(driveFormErrors(filled(change)))).toEqual([field]))
})

describe('the suggested mountpoint', () => {
  it('is beside the other drives', () => expect(suggestedMountpoint('P', '/home/a/CM/', [])).toBe('/home/a/CM/P'))
  it('avoids one that is taken', () => {
    expect(suggestedMountpoint('P', '/cm', ['/cm/P', '/cm/P 2'])).toBe('/cm/P 3')
  })
  it('cannot leave its folder', () => expect(suggestedMountpoint('../x', '/cm', [])).toBe('/cm/-x'))
  it('is nothing for no name', () => expect(suggestedMountpoint('', '/cm', [])).toBe(''))
})
