import { describe, expect, it } from 'vitest'
import { drivesOf, matching, placeErrors, placeKey } from './first-drives.ts'

const where = { accountId: 'a1', mountRoot: '/home/ana/CloudMount', taken: ['/home/ana/CloudMount/photos'] }

describe('the drives of what was chosen', () => {
  it('have folders of their own, beside those that are taken', () => {
    const places = [
      { bucket: 'photos', folder: '' },
      { bucket: 'company', folder: '/legal/' },
      { bucket: 'archive', folder: 'legal' },
    ]
    const drives = drivesOf(places, where)
    expect(drives.map(({ bucket, prefix, name }) => [bucket, prefix, name])).toEqual([
      ['photos', '', 'photos'],
      ['company', 'legal/', 'legal'],
      ['archive', 'legal/', 'legal'],
    ])
    expect(drives.map(({ mountpoint }) => mountpoint)).toEqual([
      '/home/ana/CloudMount/photos 2',
      '/home/ana/CloudMount/legal',
      '/home/ana/CloudMount/legal 2',
    ])
    expect(drives.every(({ id, accountId, mountsAtStart }) => id === '' && accountId === 'a1' && mountsAtStart)).toBe(
      true,
    )
  })
})

it('a place is the same however its slashes are typed', () => {
  expect(placeKey({ bucket: 'b', folder: '/x/' })).toBe(placeKey({ bucket: 'b', folder: 'x' }))
  expect(placeKey({ bucket: 'b', folder: '' })).not.toBe(placeKey({ bucket: 'b', folder: 'x' }))
})

it('a place that was typed needs a bucket that can be one', () => {
  expect(placeErrors({ bucket: 'photos', folder: '' })).toEqual({})
  expect(Object.keys(placeErrors({ bucket: '', folder: 'x' }))).toEqual(['bucket'])
  expect(Object.keys(placeErrors({ bucket: 'photos', folder: 'x'.repeat(1025) }))).toEqual(['folder'])
})

it('of many buckets those are shown that have the words in their name', () => {
  const buckets = Array.from({ length: 1000 }, (_unused, index) => `Backup-${index}`)
  expect(matching(buckets, '', 300)).toMatchObject({ more: 700 })
  expect(matching(buckets, ' backup-99 ', 300).shown).toHaveLength(11)
  expect(matching(buckets, 'nothing', 300)).toEqual({ shown: [], more: 0 })
})
