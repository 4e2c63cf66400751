/**
 * A file's attributes in its object's user metadata, in the words s3fs and rclone use:
 *
 *   mtime             seconds since 1970 with a fraction                 (both)
 *   mode              st_mode in decimal; rclone writes it in octal, which is read too
 *   uid, gid          decimal                                            (both)
 *   xattr             URL-encoded JSON of name → base64 of the value     (s3fs)
 *   cloudmount-write  the id of the write that made this version, by which a write whose answer was lost is recognised
 *
 * A symlink is an object whose mode says so and whose body is the target. `atime` and `ctime` are read past and not
 * written: they would be lies after a write. Every other name is foreign and survives our writes unchanged.
 */
import { encodeHeaderText } from './header-text.ts'
import type { ObjectHead } from './store.ts'

/** Values by name; names with their namespace, e.g. `user.comment`. */
export type ExtendedAttributes = Readonly<Record<string, Uint8Array>>

export type FileAttributes = {
  mtimeMs?: number
  /** Permission bits and file type as of st_mode; the type bits are 0 where the writer left them out. */
  mode?: number
  uid?: number
  gid?: number
  isSymlink: boolean
  /** A marker by its content type or mode, whatever its key looks like (old s3fs wrote folders without the slash). */
  isDirectory: boolean
  xattrs?: ExtendedAttributes
  writeId?: string
  /** What others wrote and we do not understand. */
  foreign: Record<string, string>
}

export type AttributesToStore = {
  mtimeMs: number
  mode?: number | undefined
  uid?: number | undefined
  gid?: number | undefined
  xattrs?: ExtendedAttributes | undefined
  writeId?: string | undefined
  foreign?: Readonly<Record<string, string>> | undefined
}

/** What S3 allows for names and values together. */
export const maxMetadataBytes = 2048
export const directoryContentType = 'application/x-directory'
/** A longer body is no symlink's target, whatever the mode says (PATH_MAX). */
export const maxSymlinkBytes = 4096

export const writeIdName = 'cloudmount-write'
const ownNames = new Set(['mtime', 'mode', 'uid', 'gid', 'xattr', 'atime', 'ctime', writeIdName])
const fileType = { mask: 0o170000, directory: 0o040000, symlink: 0o120000 }
const knownTypes = new Set([0, 0o010000, 0o020000, 0o040000, 0o060000, 0o100000, 0o120000, 0o140000])

export function attributesFromMetadata(
  head: Pick<ObjectHead, 'metadata' | 'sizeBytes'> & { contentType?: string },
): FileAttributes {
  const { metadata } = head
  const mtimeMs = millisecondsFrom(metadata.mtime)
  const mode = modeFrom(metadata.mode)
  const uid = idFrom(metadata.uid)
  const gid = idFrom(metadata.gid)
  const xattrs = xattrsFrom(metadata.xattr)
  const writeId = metadata[writeIdName]
  const type = (mode ?? 0) & fileType.mask
  const foreign = Object.entries(metadata).filter(([name]) => !ownNames.has(name))
  // An attribute nobody can read is kept as it is rather than dropped by our next write.
  if (metadata.xattr !== undefined && xattrs === undefined) foreign.push(['xattr', metadata.xattr])
  return {
    ...(mtimeMs === undefined ? {} : { mtimeMs }),
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    isSymlink: type === fileType.symlink && head.sizeBytes > 0 && head.sizeBytes <= maxSymlinkBytes,
    isDirectory: type === fileType.directory || (head.contentType === directoryContentType && head.sizeBytes === 0),
    ...(xattrs === undefined ? {} : { xattrs }),
    ...(writeId === undefined ? {} : { writeId }),
    foreign: Object.fromEntries(foreign),
  }
}

export function metadataFromAttributes(attributes: AttributesToStore): Record<string, string> {
  const { mtimeMs, mode, uid, gid, xattrs = {}, writeId, foreign } = attributes
  return {
    ...foreign,
    mtime: secondsText(mtimeMs),
    ...(mode === undefined ? {} : { mode: String(mode) }),
    ...(uid === undefined ? {} : { uid: String(uid) }),
    ...(gid === undefined ? {} : { gid: String(gid) }),
    ...(Object.keys(xattrs).length === 0 ? {} : { xattr: xattrText(xattrs) }),
    ...(writeId === undefined ? {} : { [writeIdName]: writeId }),
  }
}

/** As S3 counts it against `maxMetadataBytes`: names and values as they are sent, without the header's prefix. */
export function metadataSizeBytes(metadata: Readonly<Record<string, string>>): number {
  return Object.entries(metadata).reduce(
    (total, [name, value]) => total + Buffer.byteLength(name) + Buffer.byteLength(encodeHeaderText(value)),
    0,
  )
}

/** To the microsecond, and stable: what this writes, `millisecondsFrom` reads back to the same text. */
function secondsText(mtimeMs: number): string {
  const micros = Math.round(mtimeMs * 1000)
  const sign = micros < 0 ? '-' : ''
  const seconds = Math.floor(Math.abs(micros) / 1e6)
  const fraction = String(Math.abs(micros) % 1e6).padStart(6, '0')
  return `${sign}${seconds}.${fraction}`
}

function millisecondsFrom(text: string | undefined): number | undefined {
  const match = /^\s*(-?)(\d{1,12})(?:\.(\d*))?\s*$/.exec(text ?? '')
  if (!match) return undefined
  const [, sign, seconds, fraction] = match
  const micros = Number((fraction ?? '').slice(0, 6).padEnd(6, '0'))
  const absoluteMs = Number(seconds) * 1000 + micros / 1000
  return sign === '-' ? -absoluteMs : absoluteMs
}

/**
 * s3fs writes st_mode in decimal (33188), rclone in octal (100644). No octal of rclone's, which always has the type bits, is
 * also a decimal with a known type: 100644 passes 16 bits, and 40755 would be of type 0110000, which is none.
 */
function modeFrom(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,7}$/.test(text)) return undefined
  const isMode = (mode: number): boolean => mode <= 0xffff && knownTypes.has(mode & fileType.mask)
  const decimal = Number(text)
  if (isMode(decimal)) return decimal
  const octal = /^[0-7]+$/.test(text) ? parseInt(text, 8) : NaN
  return isMode(octal) ? octal : undefined
}

function idFrom(text: string | undefined): number | undefined {
  const id = Number(text)
  return text !== undefined && /^\d{1,10}$/.test(text) && id <= 0xffffffff ? id : undefined
}

function xattrsFrom(text: string | undefined): ExtendedAttributes | undefined {
  if (text === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(decodeURIComponent(text))
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
    const entries = Object.entries(parsed as Record<string, unknown>)
    if (entries.some(([, value]) => typeof value !== 'string')) return undefined
    return Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(value as string, 'base64')]))
  } catch {
    return undefined
  }
}

/** Sorted, so that equal attributes make equal metadata. */
function xattrText(xattrs: ExtendedAttributes): string {
  const encoded = Object.entries(xattrs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, Buffer.from(value).toString('base64')] as const)
  return encodeURIComponent(JSON.stringify(Object.fromEntries(encoded)))
}
