import { describe, expect, test } from 'vitest'
import type { Pin } from '../../../contracts/pin.ts'
import { pinName, pinSummary } from './pin-words.ts'

const problem = { code: 'offline', message: 'No network.' } as const

function pin(fields: Partial<Pin>): Pin {
  return {
    path: 'docs',
    isFolder: true,
    files: 240,
    readyFiles: 12,
    sizeBytes: 1_900_000_000,
    readyBytes: 140_000_000,
    status: { state: 'fetching' },
    ...fields,
  }
}

describe('what is kept offline, in words', () => {
  test.each<[Partial<Pin>, string, string]>([
    [{ status: { state: 'ready' } }, 'Ready', '240 files, 1.9 GB'],
    [{}, 'Downloading', '12 of 240 files, 140 MB of 1.9 GB'],
    [{ status: { state: 'waiting', problem } }, 'Waiting', '12 of 240 files, 140 MB of 1.9 GB'],
    [{ status: { state: 'failed', problem } }, 'Not complete', '12 of 240 files, 140 MB of 1.9 GB'],
    [{ isFolder: false, files: 1, status: { state: 'ready' } }, 'Ready', '1.9 GB'],
  ])('%j', (fields, label, detail) => expect(pinSummary(pin(fields))).toMatchObject({ label, detail }))

  test('the whole drive has a name', () => {
    expect(pinName(pin({ path: '' }))).toBe('The whole drive')
    expect(pinName(pin({}))).toBe('docs')
  })
})
