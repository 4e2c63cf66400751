/**
 * Keys and names. A key below the drive's prefix splits at `/` into segments, and each segment shows as one name in a
 * directory. Most segments are their own name. Those no path can hold appear escaped between ⟦ and ⟧, reversibly:
 *
 *   the empty segment (`a//b`)            ⟦empty⟧
 *   `.` and `..`                          ⟦2E⟧  ⟦2E2E⟧
 *   NUL, and on macOS `:`                 ⟦00⟧  ⟦3A⟧     in place, the hex of their UTF-8 bytes
 *   a literal ⟦ or ⟧                      ⟦E29FA6⟧  ⟦E29FA7⟧
 *   an object that is also a folder       foo⟦object⟧ for the object, beside the folder foo
 *   a name over 255 bytes                 its beginning + ⟦~16 hex digits of its SHA-256⟧
 *
 * A key ending in `/` is its folder's marker; when it has a body it is also the file ⟦empty⟧ inside that folder.
 * The long form cannot be decoded: who listed the key keeps it. Any other spelling between the brackets is refused, so
 * that one name always means one key.
 */
import { createHash } from 'node:crypto'

/** A whole key of the bucket, at most 1,024 bytes of well-formed UTF-8. */
export type ObjectKey = string & { readonly __brand: 'ObjectKey' }

/** What a directory shows: 1 to 255 bytes, no `/`, no NUL, neither `.` nor `..`. */
export type EntryName = string & { readonly __brand: 'EntryName' }

export type NamePlatform = 'linux' | 'darwin' | 'win32'

export type NameProblem = 'invalid-name' | 'name-too-long' | 'undecodable-name'

export type SegmentResult = { ok: true; segment: string } | { ok: false; reason: NameProblem }
export type KeyResult = { ok: true; key: ObjectKey } | { ok: false; reason: NameProblem }

export const maxKeyBytes = 1024
export const maxNameBytes = 255

const open = '\u27E6'
const close = '\u27E7'
const emptyName = `${open}empty${close}`
const twinSuffix = `${open}object${close}`
const hashDigits = 16

const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8')
const hexOf = (text: string): string => Buffer.from(text, 'utf8').toString('hex').toUpperCase()

/** False for unpaired surrogates, which no UTF-8 key or name can hold. (`isWellFormed` is newer than Node 18.) */
export function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text)
}

const escapedCharacters = (platform: NamePlatform): RegExp =>
  platform === 'darwin' ? /[\0:\u27E6\u27E7]/g : /[\0\u27E6\u27E7]/g

/** The name a segment shows under. Total: every segment a server can list has one. */
export function nameFromSegment(segment: string, platform: NamePlatform): EntryName {
  if (segment === '') return emptyName as EntryName
  if (segment === '.' || segment === '..') return `${open}${hexOf(segment)}${close}` as EntryName
  const name = segment.replace(escapedCharacters(platform), (character) => `${open}${hexOf(character)}${close}`)
  return fitName(name, '', segment)
}

/** The name of an object whose key is also a folder's: `foo` beside `foo/…`. */
export function twinName(segment: string, platform: NamePlatform): EntryName {
  const name = nameFromSegment(segment, platform)
  return isLongName(name) ? (`${name}${twinSuffix}` as EntryName) : fitName(name, twinSuffix, segment)
}

export const isTwinName = (name: string): boolean => name.endsWith(twinSuffix) && name !== twinSuffix

/** True of the hashed form, which only the listing that produced it can turn back into a key. */
export const isLongName = (name: string): boolean => /\u27E6~[0-9a-f]{16}\u27E7(?:\u27E6object\u27E7)?$/.test(name)

/** The twin suffix is always fitted in, so that a long name and its twin are told apart by the suffix alone. */
function fitName(name: string, suffix: string, segment: string): EntryName {
  if (byteLength(name) + byteLength(suffix) <= maxNameBytes) return `${name}${suffix}` as EntryName
  const digest = createHash('sha256').update(segment, 'utf8').digest('hex').slice(0, hashDigits)
  const tail = `${open}~${digest}${close}`
  const room = maxNameBytes - byteLength(tail) - byteLength(twinSuffix)
  return `${cutAtCharacter(name, room)}${tail}${suffix}` as EntryName
}

/** As much of the name as fits, without splitting a character or an escape. */
function cutAtCharacter(name: string, room: number): string {
  let used = 0
  let cut = ''
  for (const [piece] of name.matchAll(/\u27E6[0-9A-F]+\u27E7|[^]/gu)) {
    used += byteLength(piece)
    if (used > room) break
    cut += piece
  }
  return cut
}

/**
 * The segment a name stands for; a twin's is that of its folder. Refuses what `nameFromSegment` could not have made
 * (`invalid-name`), the hashed form (`undecodable-name`) and names over 255 bytes.
 */
export function segmentFromName(name: string, platform: NamePlatform): SegmentResult {
  if (byteLength(name) > maxNameBytes) return { ok: false, reason: 'name-too-long' }
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || !isWellFormed(name))
    return { ok: false, reason: 'invalid-name' }
  if (isLongName(name)) return { ok: false, reason: 'undecodable-name' }
  const own = isTwinName(name) ? name.slice(0, -twinSuffix.length) : name
  const segment = decodeSegment(own)
  if (nameFromSegment(segment, platform) !== own) return { ok: false, reason: 'invalid-name' }
  return { ok: true, segment }
}

/** Lenient: what it should have refused does not survive the way back through `nameFromSegment`. */
function decodeSegment(name: string): string {
  if (name === emptyName) return ''
  return name.replace(/\u27E6([0-9A-F]+)\u27E7/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('utf8'))
}

/** `prefix` is empty or ends in `/`. The key of a directory's marker is this one followed by `/`. */
export function joinKey(prefix: string, segments: readonly string[]): KeyResult {
  return parseKey(prefix + segments.join('/'))
}

/** A key is checked once, here, and carried as ObjectKey from then on. */
export function parseKey(text: string): KeyResult {
  if (text === '' || !isWellFormed(text)) return { ok: false, reason: 'invalid-name' }
  if (byteLength(text) > maxKeyBytes) return { ok: false, reason: 'name-too-long' }
  return { ok: true, key: text as ObjectKey }
}

/** What the part of a key below the drive's prefix splits into; undefined when the key is not below it. */
export function splitKey(prefix: string, key: string): string[] | undefined {
  if (!key.startsWith(prefix) || key.length === prefix.length) return undefined
  return key.slice(prefix.length).split('/')
}

/** The key of the marker object that makes a folder exist while nothing is in it. */
export function markerKey(prefix: string, segments: readonly string[]): KeyResult {
  return segments.length === 0 ? parseKey(prefix) : parseKey(`${prefix}${segments.join('/')}/`)
}
