import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  CHECKSUM_ALGORITHMS,
  compositeChecksum,
  createDigest,
  fullObjectChecksum,
  readChecksumClaim,
} from './checksums.ts'

const digestOf = (algorithm: (typeof CHECKSUM_ALGORITHMS)[number], ...pieces: Buffer[]): Buffer => {
  const digest = createDigest(algorithm)
  for (const piece of pieces) digest.update(piece)
  return digest.digest()
}

describe('checksums', () => {
  // The check values of the catalogues: of the nine digits "123456789".
  it.each([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ] as const)('%s of the check string is %s', (algorithm, hex) => {
    expect(digestOf(algorithm, Buffer.from('123456789')).toString('hex')).toBe(hex)
  })

  it.each(CHECKSUM_ALGORITHMS)('%s is the same however the bytes arrive', (algorithm) => {
    const bytes = randomBytes(1000)
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 14), bytes.subarray(14)]
    expect(digestOf(algorithm, ...pieces).equals(digestOf(algorithm, bytes))).toBe(true)
  })

  it.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('%s of the whole follows from those of the parts', (algorithm) => {
    const parts = [randomBytes(1), randomBytes(100_000), Buffer.alloc(0), randomBytes(777)]
    const sums = parts.map((part) => ({ value: digestOf(algorithm, part).toString('base64'), sizeBytes: part.length }))
    const whole = digestOf(algorithm, Buffer.concat(parts)).toString('base64')
    expect(fullObjectChecksum(algorithm, sums)).toEqual({ algorithm, value: whole, type: 'FULL_OBJECT' })
  })

  it('a composite one says of how many parts', () => {
    const value = digestOf('SHA256', Buffer.from('x')).toString('base64')
    expect(compositeChecksum('SHA256', [{ value, sizeBytes: 1 }]).value).toMatch(/=-1$/)
  })

  it.each([
    [{}, undefined],
    [{ 'x-amz-checksum-crc32': 'y/Q5Jg==' }, { algorithm: 'CRC32', value: 'y/Q5Jg==' }],
    [{ 'x-amz-trailer': 'x-amz-checksum-sha1' }, { algorithm: 'SHA1', value: undefined }],
  ])('claims are read from %j', (headers: Record<string, string>, claim) => {
    expect(readChecksumClaim((name) => headers[name])).toEqual(claim)
  })

  it.each([
    { 'x-amz-checksum-crc32': 'short' },
    { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-sha1': '98O8HYCOBHMq32eZZczDTKeuNEE=' },
    { 'x-amz-trailer': 'x-amz-meta-late' },
    { 'x-amz-sdk-checksum-algorithm': 'CRC32' },
  ])('claims that make no sense are refused: %j', (headers: Record<string, string>) => {
    expect(() => readChecksumClaim((name) => headers[name])).toThrow(
      expect.objectContaining({ code: 'InvalidRequest' }) as Error,
    )
  })
})
