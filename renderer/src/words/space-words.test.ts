import { describe, expect, it } from 'vitest'
import { emptyDriveStatus } from '../../../contracts/drive.ts'
import { ratesInWords, spaceInWords, spaceParts } from './space-words.ts'

const status = { ...emptyDriveStatus, pinnedBytes: 2e9, evictableBytes: 9.9e9, cachedBytes: 13.4e9 }

describe('the space of a drive', () => {
  it('is three amounts, and what is left beside changes', () => {
    const parts = spaceParts({ status: { ...status, pendingOperations: 7, unsyncedBytes: 1.4e9 } })
    expect(parts.map(({ words }) => words)).toEqual([
      'Not uploaded: 7 changes, 1.4 GB',
      'Kept offline: 2 GB',
      'Can be freed: 9.9 GB',
      'Other parts of changed files: 100 MB',
    ])
    expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(status.cachedBytes)
  })

  it('tells all three also where there is none', () => {
    expect(spaceParts({ status: { ...emptyDriveStatus, cachedBytes: 1 } }).map(({ words }) => words)).toEqual([
      'Not uploaded: 0 bytes',
      'Kept offline: 0 bytes',
      'Can be freed: 0 bytes',
      'Other parts of changed files: 1 byte',
    ])
  })

  it('of a drive that is not mounted is what waits, and nothing else is claimed', () => {
    const unmounted = { ...emptyDriveStatus, pendingOperations: 18, unsyncedBytes: 32e6 }
    expect(spaceParts({ status: unmounted }).map(({ words }) => words)).toEqual(['Not uploaded: 18 changes, 32 MB'])
  })

  it('has a limit, or only the disk', () => {
    const drive = { id: 'd', cacheLimitBytes: 20e9 } as Parameters<typeof spaceInWords>[0]['drive']
    expect(spaceInWords({ status, drive })).toBe('13.4 GB of at most 20 GB on this computer')
    const { cacheLimitBytes: _limit, ...free } = drive
    expect(spaceInWords({ status, drive: free })).toBe('13.4 GB on this computer, with no limit but the disk')
  })
})

it('the last minute is told without its drawing', () => {
  expect(ratesInWords([])).toBe('Nothing was transferred in the last minute.')
  expect(ratesInWords([{ up: 4e6, down: 0 }, { up: 2e6, down: 1e6 }])).toBe(
    'In the last minute: uploads at 2 MB/s, at most 4 MB/s; downloads at 1 MB/s, at most 1 MB/s.',
  ) // prettier-ignore
})
