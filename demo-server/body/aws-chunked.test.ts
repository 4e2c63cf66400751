import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chunkSignature, signingKey, trailerSignature, type ChunkSeed } from '../auth/signature.ts'
import { AwsChunkedDecoder } from './aws-chunked.ts'

const scope = { date: '20260102', region: 'us-east-1', service: 's3' }
const seed: ChunkSeed = {
  key: signingKey('secret', scope),
  dateTime: '20260102T030405Z',
  scope,
  signature: 'f'.repeat(64),
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function decode(text: string, options: { seed?: ChunkSeed; hasTrailer?: boolean } = {}, pieceBytes = Infinity) {
  const decoder = new AwsChunkedDecoder({ hasTrailer: false, ...options })
  const input = Buffer.from(text, 'latin1')
  const pieces: Buffer[] = []
  for (let offset = 0; offset < input.length; offset += pieceBytes) {
    pieces.push(...decoder.push(input.subarray(offset, Math.min(offset + pieceBytes, input.length))))
  }
  const trailers = decoder.finish()
  return { data: Buffer.concat(pieces).toString('latin1'), trailers: Object.fromEntries(trailers) }
}

function signedBody(chunks: string[], trailer?: [string, string]): string {
  let previous = seed.signature
  const parts = [...chunks, ''].map((chunk) => {
    previous = chunkSignature(seed, previous, sha256(chunk))
    return `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk === '' ? '' : `${chunk}\r\n`}`
  })
  if (!trailer) return `${parts.join('')}\r\n`
  const line = `${trailer[0]}:${trailer[1]}`
  const signature = trailerSignature(seed, previous, sha256(`${line}\n`))
  return `${parts.join('')}${line}\n\r\nx-amz-trailer-signature:${signature}\r\n\r\n`
}

describe('aws-chunked bodies', () => {
  const plain = '5\r\nhello\r\n7\r\n, world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'

  it.each([1, 2, 3, 5, 7, 1000])('decode the same in pieces of %i bytes', (pieceBytes) => {
    expect(decode(plain, { hasTrailer: true }, pieceBytes)).toEqual({
      data: 'hello, world',
      trailers: { 'x-amz-checksum-crc32': 'AAAAAA==' },
    })
  })

  it('may hold what looks like framing', () => {
    expect(decode('7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n').data).toBe('\r\n0\r\n\r\n')
  })

  it('may be empty', () => {
    expect(decode('0\r\n\r\n')).toEqual({ data: '', trailers: {} })
  })

  it.each([
    ['an end too soon', '5\r\nhel', 'IncompleteBody'],
    ['no last chunk', '5\r\nhello\r\n', 'IncompleteBody'],
    ['a size that is no number', 'x\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a chunk longer than it says', '4\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
    ['a line that never ends', 'a'.repeat(5000), 'InvalidRequest'],
  ])('refuse %s', (_, text, code) => {
    expect(() => decode(text)).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('check every signature in the chain, across pieces', () => {
    const body = signedBody(['hello', ', ', 'world'])
    expect(decode(body, { seed }, 3).data).toBe('hello, world')
    const refused = expect.objectContaining({ code: 'SignatureDoesNotMatch' }) as Error
    expect(() => decode(body.replace('world', 'w0rld'), { seed })).toThrow(refused)
    expect(() => decode(signedBody(['world', 'hello']), { seed: { ...seed, signature: 'e'.repeat(64) } })).toThrow(
      refused,
    )
    expect(() => decode('5\r\nhello\r\n0\r\n\r\n', { seed })).toThrow(
      expect.objectContaining({ code: 'InvalidRequest' }) as Error,
    )
  })

  it('check the signature of a trailer', () => {
    const body = signedBody(['hello'], ['x-amz-checksum-crc32c', 'sOO8/Q=='])
    expect(decode(body, { seed, hasTrailer: true }).trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' })
    const forged = body.replace('sOO8', 'AAAA')
    expect(() => decode(forged, { seed, hasTrailer: true })).toThrow(
      expect.objectContaining({ code: 'SignatureDoesNotMatch' }) as Error,
    )
  })
})
