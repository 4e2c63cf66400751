import { describe, expect, it } from 'vitest'
import {
  isLongName,
  isTwinName,
  isWellFormed,
  joinKey,
  markerKey,
  maxNameBytes,
  nameFromSegment,
  segmentFromName,
  splitKey,
  twinName,
} from './names.ts'
import type { NamePlatform } from './names.ts'

const platforms: NamePlatform[] = ['linux', 'darwin']

describe('names of segments', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['', '⟦empty⟧'],
    ['.', '⟦2E⟧'],
    ['..', '⟦2E2E⟧'],
    ['...', '...'],
    ['.hidden', '.hidden'],
    ['a\0b', 'a⟦00⟧b'],
    ['⟦', '⟦E29FA6⟧'],
    ['x⟧y', 'x⟦E29FA7⟧y'],
    ['⟦empty⟧', '⟦E29FA6⟧empty⟦E29FA7⟧'],
    ['foo⟦object⟧', 'foo⟦E29FA6⟧object⟦E29FA7⟧'],
    ['line\nbreak', 'line\nbreak'],
    ['Grüße 😀', 'Grüße 😀'],
    ['\uFFFF', '\uFFFF'],
  ])('shows the segment %j as %j, and back', (segment, name) => {
    for (const platform of platforms) {
      expect(nameFromSegment(segment, platform)).toBe(name)
      expect(segmentFromName(name, platform)).toEqual({ ok: true, segment })
    }
  })

  it('escapes the colon on macOS only', () => {
    expect(nameFromSegment('12:30', 'darwin')).toBe('12⟦3A⟧30')
    expect(nameFromSegment('12:30', 'linux')).toBe('12:30')
    expect(segmentFromName('12⟦3A⟧30', 'darwin')).toEqual({ ok: true, segment: '12:30' })
    expect(segmentFromName('12⟦3A⟧30', 'linux')).toEqual({ ok: false, reason: 'invalid-name' })
  })

  it.each([
    '',
    '.',
    '..',
    'a/b',
    'a\0b',
    '⟦',
    '⟧',
    '⟦⟧',
    '⟦41⟧',
    '⟦2e⟧',
    '⟦2E⟧x',
    '⟦FF⟧',
    '⟦object⟧',
    'x⟦empty⟧',
    '\uD800',
  ])('refuses the name %j, which no segment shows under', (name) => {
    expect(segmentFromName(name, 'linux')).toEqual({ ok: false, reason: 'invalid-name' })
  })

  it('keeps 255 bytes as they are and refuses a name of 256', () => {
    const full = 'é'.repeat(127) + 'x'
    expect(nameFromSegment(full, 'linux')).toBe(full)
    expect(segmentFromName(full, 'linux')).toEqual({ ok: true, segment: full })
    expect(segmentFromName('x'.repeat(256), 'linux')).toEqual({ ok: false, reason: 'name-too-long' })
  })

  it('shortens longer ones at a character, apart from each other, and does not pretend to decode them', () => {
    const [a, b] = ['é'.repeat(300) + 'a', 'é'.repeat(300) + 'b'].map((segment) => nameFromSegment(segment, 'linux'))
    expect(a).not.toBe(b)
    for (const name of [a!, b!]) {
      expect(name).toMatch(/^é+⟦~[0-9a-f]{16}⟧$/)
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(maxNameBytes)
      expect(segmentFromName(name, 'linux')).toEqual({ ok: false, reason: 'undecodable-name' })
    }
  })

  it('does not cut through an escape', () => {
    expect(nameFromSegment('⟦'.repeat(40), 'linux')).toMatch(/^(⟦E29FA6⟧)+⟦~[0-9a-f]{16}⟧$/)
  })
})

describe('an object that is also a folder', () => {
  it('shows beside the folder under a name of its own', () => {
    expect(twinName('foo', 'linux')).toBe('foo⟦object⟧')
    expect(twinName('', 'linux')).toBe('⟦empty⟧⟦object⟧')
    expect(isTwinName('foo⟦object⟧')).toBe(true)
    expect(isTwinName('foo')).toBe(false)
    expect(isTwinName(nameFromSegment('foo⟦object⟧', 'linux'))).toBe(false)
    expect(segmentFromName('foo⟦object⟧', 'linux')).toEqual({ ok: true, segment: 'foo' })
  })

  it.each([240, 243, 244, 255, 256, 1000])('fits in 255 bytes with a segment of %i bytes', (length) => {
    const name = twinName('x'.repeat(length), 'linux')
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(maxNameBytes)
    expect(isTwinName(name)).toBe(true)
    expect(isLongName(name)).toBe(length > 243)
  })
})

describe('keys', () => {
  it('splits below the prefix and joins to the same key', () => {
    expect(splitKey('p/', 'p/a//b/')).toEqual(['a', '', 'b', ''])
    expect(splitKey('p/', 'p/')).toBeUndefined()
    expect(splitKey('p/', 'q/a')).toBeUndefined()
    expect(splitKey('', '/a')).toEqual(['', 'a'])
    expect(joinKey('p/', ['a', '', 'b', ''])).toEqual({ ok: true, key: 'p/a//b/' })
    expect(markerKey('p/', ['a'])).toEqual({ ok: true, key: 'p/a/' })
  })

  it('refuses a key over 1,024 bytes, prefix included, and one that is not UTF-8', () => {
    expect(joinKey('p/', ['x'.repeat(1022)])).toMatchObject({ ok: true })
    expect(joinKey('p/', ['x'.repeat(1023)])).toEqual({ ok: false, reason: 'name-too-long' })
    expect(joinKey('p/', ['é'.repeat(512)])).toEqual({ ok: false, reason: 'name-too-long' })
    expect(markerKey('', ['x'.repeat(1024)])).toEqual({ ok: false, reason: 'name-too-long' })
    expect(joinKey('', ['\uDC00'])).toEqual({ ok: false, reason: 'invalid-name' })
    expect(isWellFormed('a😀b')).toBe(true)
    expect(isWellFormed('a\uD83Db')).toBe(false)
  })
})

/** Mulberry32: small, and the same on every machine, so that a seed in a failure can be replayed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

describe('any segment', () => {
  const alphabet = ['a', '.', ':', '\0', '⟦', '⟧', '2E', 'empty', 'object', '~', 'é', '😀', ' ', '\n', '%', '+', '\\']

  it.each([1, 2, 3, 4].map((n) => n * 7919))('keeps its identity through its name (seed %i)', (seed) => {
    const random = seeded(seed)
    const owners = new Map<string, string>()
    for (let round = 0; round < 3000; round++) {
      const length = Math.floor(random() * 12) * (random() < 0.05 ? 30 : 1)
      const pick = () => alphabet[Math.floor(random() * alphabet.length)]!
      const segment = Array.from({ length }, pick).join('')
      for (const platform of platforms) {
        const name = nameFromSegment(segment, platform)
        const twin = twinName(segment, platform)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(maxNameBytes)
        expect(Buffer.byteLength(twin)).toBeLessThanOrEqual(maxNameBytes)
        expect(name).not.toMatch(/^\.{0,2}$|[/\0]/)
        for (const [shown, owner] of [
          [name, `file ${segment}`],
          [twin, `twin ${segment}`],
        ] as const)
          // prettier-ignore
          expect(owners.get(`${platform} ${shown}`) ?? owner).toBe(owner)
        owners.set(`${platform} ${name}`, `file ${segment}`)
        owners.set(`${platform} ${twin}`, `twin ${segment}`)
        if (isLongName(name)) expect(segmentFromName(name, platform).ok).toBe(false)
        else expect(segmentFromName(name, platform)).toEqual({ ok: true, segment })
        if (!isLongName(twin)) expect(segmentFromName(twin, platform)).toEqual({ ok: true, segment })
      }
    }
  })
})
