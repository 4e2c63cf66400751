/** What the window may be shown of a file: a text, an image as the browser knows them, or why neither. Pure. */
import { largestTextBytes, type SideContent } from '../contracts/conflict.ts'

const images: { mime: string; isIt: (bytes: Buffer) => boolean }[] = [
  { mime: 'image/png', isIt: (bytes) => begins(bytes, 0, '\x89PNG\r\n') },
  { mime: 'image/jpeg', isIt: (bytes) => begins(bytes, 0, '\xff\xd8\xff') },
  { mime: 'image/gif', isIt: (bytes) => begins(bytes, 0, 'GIF8') },
  { mime: 'image/webp', isIt: (bytes) => begins(bytes, 0, 'RIFF') && begins(bytes, 8, 'WEBP') },
  { mime: 'image/avif', isIt: (bytes) => begins(bytes, 4, 'ftypavif') },
  { mime: 'image/bmp', isIt: (bytes) => begins(bytes, 0, 'BM') && bytes.length > 26 && bytes.readUInt32LE(6) === 0 },
]

export function contentOf(bytes: Buffer): SideContent {
  const image = images.find(({ isIt }) => isIt(bytes))
  if (image !== undefined) return { kind: 'image', mime: image.mime, base64: bytes.toString('base64') }
  const text = textOf(bytes)
  if (text === undefined) return { kind: 'other', reason: 'binary' }
  return bytes.length > largestTextBytes ? { kind: 'other', reason: 'too-large' } : { kind: 'text', ...text }
}

/** Undefined for what is no text in UTF-8, or in UTF-16 with its mark. The mark of UTF-8 stays, so that it can be written back. */
function textOf(bytes: Buffer): { text: string; isUtf8: boolean } | undefined {
  const isWide = begins(bytes, 0, '\xff\xfe') || begins(bytes, 0, '\xfe\xff')
  // Never a text, and deadly: Electron's decoder looks for the start of the character in front of the buffer, which may be no memory.
  if (((bytes[0] ?? 0) & 0xc0) === 0x80) return undefined
  const encoding = !isWide ? 'utf-8' : bytes[0] === 0xff ? 'utf-16le' : 'utf-16be'
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: !isWide }).decode(bytes)
    return text.includes('\0') ? undefined : { text, isUtf8: !isWide }
  } catch {
    return undefined
  }
}

function begins(bytes: Buffer, at: number, signature: string): boolean {
  return bytes.subarray(at, at + signature.length).equals(Buffer.from(signature, 'latin1'))
}
