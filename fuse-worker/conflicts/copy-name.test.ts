import { describe, expect, it } from 'vitest'
import { segmentFromName } from '../s3/names.ts'
import { conflictedCopyName, recoveredName } from './copy-name.ts'

process.env['TZ'] = 'UTC'
const atMs = Date.UTC(2026, 10, 21, 14, 32, 50)
const none = { atMs, platform: 'linux', isTaken: () => false } as const
const copyOf = (name: string, more: Partial<Parameters<typeof conflictedCopyName>[0]> = {}): string =>
  conflictedCopyName({ ...none, name, host: 'desk', ...more })

describe('the name of a conflicted copy', () => {
  it.each([
    ['report.odt', 'report (conflicted copy, desk, 2026-11-21 14.32).odt'],
    ['README', 'README (conflicted copy, desk, 2026-11-21 14.32)'],
    ['.bashrc', '.bashrc (conflicted copy, desk, 2026-11-21 14.32)'],
    ['a.tar.gz', 'a (conflicted copy, desk, 2026-11-21 14.32).tar.gz'],
    ['a. b', 'a. b (conflicted copy, desk, 2026-11-21 14.32)'],
    ['a (conflicted copy, x, 2020-01-01 00.00).txt', 'a (conflicted copy, desk, 2026-11-21 14.32).txt'],
    ['a (conflicted copy, x, 2020-01-01 00.00) 2.txt', 'a (conflicted copy, desk, 2026-11-21 14.32).txt'],
    ['foo\u27E6object\u27E7', 'foo (conflicted copy, desk, 2026-11-21 14.32)'],
    ['\u27E6empty\u27E7', '_ (conflicted copy, desk, 2026-11-21 14.32)'],
  ])('of %s is %s', (name, expected) => expect(copyOf(name)).toBe(expected))

  it('is counted when it is taken', () => {
    const taken = new Set([copyOf('a.txt')])
    const isTaken = (name: string): boolean => taken.has(name)
    const second = copyOf('a.txt', { isTaken })
    expect(second).toBe('a (conflicted copy, desk, 2026-11-21 14.32) 2.txt')
    expect(copyOf('a.txt', { isTaken: (name) => isTaken(name) || name === second })).toContain(') 3.txt')
    expect(recoveredName({ ...none, name: second })).toBe('a (recovered, 2026-11-21 14.32).txt')
  })

  it('fits where names and keys end, and cuts no character in two', () => {
    for (const letter of ['x', 'ü', '漢', '😀']) {
      const name = copyOf(`${letter.repeat(60)}.${'e'.repeat(9)}`, { maxBytes: 90 })
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(90)
      expect(name).toMatch(new RegExp(`^(${letter})+ \\(conflicted copy, desk, 2026-11-21 14.32\\)\\.e{9}$`, 'u'))
    }
    const long = copyOf('x'.repeat(255))
    expect(Buffer.byteLength(long)).toBe(255)
    expect(segmentFromName(copyOf(`${'x'.repeat(200)}\u27E6~0123456789abcdef\u27E7`), 'linux').ok).toBe(true)
  })

  it.each([
    ['desk.example.org', 'desk'],
    ['Ana’s (big) Mac/Book', 'Ana-s-big-Mac-Book'],
    ['', 'this computer'],
    ['h'.repeat(64), 'h'.repeat(40)],
  ])('host %s is called %s', (host, expected) =>
    expect(copyOf('a', { host })).toBe(`a (conflicted copy, ${expected}, 2026-11-21 14.32)`),
  )
})
