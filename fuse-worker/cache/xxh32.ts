/**
 * XXH32 with seed 0 (github.com/Cyan4973/xxHash, the 32-bit variant): tells damaged bytes from whole ones, not forged ones. In
 * JavaScript, because one algorithm has to serve Node 18, Node 20 and Electron, and zlib.crc32 is not in all of them.
 */
const prime1 = 0x9e3779b1 | 0
const prime2 = 0x85ebca77 | 0
const prime3 = 0xc2b2ae3d | 0
const prime4 = 0x27d4eb2f | 0
const prime5 = 0x165667b1 | 0

export function xxh32(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  const wordCount = length >>> 2
  const words = wordsOf(bytes, start, wordCount)
  const striped = wordCount & ~3
  let hash = striped === 0 ? prime5 : stripes(words, striped)
  hash = (hash + length) | 0
  for (let index = striped; index < wordCount; index++) {
    hash = Math.imul(rotated((hash + Math.imul(words[index] ?? 0, prime3)) | 0, 17), prime4)
  }
  for (let index = start + wordCount * 4; index < end; index++) {
    hash = Math.imul(rotated((hash + Math.imul(bytes[index] ?? 0, prime5)) | 0, 11), prime1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), prime2)
  hash = Math.imul(hash ^ (hash >>> 13), prime3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function stripes(words: Int32Array, count: number): number {
  let a = (prime1 + prime2) | 0
  let b = prime2
  let c = 0
  let d = -prime1 | 0
  for (let index = 0; index < count; index += 4) {
    // Written out: a call for each word would halve the speed.
    a = (a + Math.imul(words[index] as number, prime2)) | 0
    a = Math.imul((a << 13) | (a >>> 19), prime1)
    b = (b + Math.imul(words[index + 1] as number, prime2)) | 0
    b = Math.imul((b << 13) | (b >>> 19), prime1)
    c = (c + Math.imul(words[index + 2] as number, prime2)) | 0
    c = Math.imul((c << 13) | (c >>> 19), prime1)
    d = (d + Math.imul(words[index + 3] as number, prime2)) | 0
    d = Math.imul((d << 13) | (d >>> 19), prime1)
  }
  return (rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18)) | 0
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

/** Words are little-endian on every machine this runs on; a view needs a start at a multiple of four. */
function wordsOf(bytes: Uint8Array, start: number, count: number): Int32Array {
  const offset = bytes.byteOffset + start
  if (offset % 4 === 0) return new Int32Array(bytes.buffer, offset, count)
  const words = new Int32Array(count)
  new Uint8Array(words.buffer).set(bytes.subarray(start, start + count * 4))
  return words
}
