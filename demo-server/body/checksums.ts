/** S3's additional checksums by name: how they are asked for in headers, computed, and put together for multipart objects. */
import { createHash } from 'node:crypto'
import { s3Error } from '../errors.ts'
import { combineCrc, createCrc } from './crc.ts'

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'] as const
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number]
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

/** `value` is base64; a composite one ends in `-` and the number of parts. */
export type Checksum = { algorithm: ChecksumAlgorithm; value: string; type: ChecksumType }

const DIGEST_BYTES: Record<ChecksumAlgorithm, number> = { CRC32: 4, CRC32C: 4, SHA1: 20, SHA256: 32, CRC64NVME: 8 }

export interface Digest {
  update(chunk: Uint8Array): void
  digest(): Buffer
}

export function createDigest(algorithm: ChecksumAlgorithm): Digest {
  if (algorithm !== 'SHA1' && algorithm !== 'SHA256') return createCrc(algorithm)
  const hash = createHash(algorithm.toLowerCase())
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() }
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}

/** The element's name in S3's XML: `ChecksumCRC32`, … */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`
}

export function parseAlgorithm(text: string): ChecksumAlgorithm {
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase())
  if (!found) throw s3Error('InvalidRequest', { message: `Checksum algorithm provided is unsupported: ${text}` })
  return found
}

/** What the headers claim of the body: a value now, or one that follows in the trailer. */
export type ChecksumClaim = { algorithm: ChecksumAlgorithm; value: string | undefined }

export function readChecksumClaim(header: (name: string) => string | undefined): ChecksumClaim | undefined {
  const claims = CHECKSUM_ALGORITHMS.flatMap((algorithm): ChecksumClaim[] => {
    const value = header(checksumHeader(algorithm))
    return value === undefined ? [] : [{ algorithm, value: checkedForm(algorithm, value) }]
  })
  const trailer = header('x-amz-trailer')?.trim().toLowerCase()
  if (trailer !== undefined && trailer !== '') {
    const algorithm = CHECKSUM_ALGORITHMS.find((candidate) => checksumHeader(candidate) === trailer)
    if (!algorithm)
      throw s3Error('InvalidRequest', { message: 'The value specified in the x-amz-trailer header is not supported' })
    claims.push({ algorithm, value: undefined })
  }
  if (claims.length > 1) {
    throw s3Error('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    })
  }
  const named = header('x-amz-sdk-checksum-algorithm')
  if (named !== undefined && claims.length === 0) {
    parseAlgorithm(named)
    throw s3Error('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    })
  }
  return claims[0]
}

export function checkedForm(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== DIGEST_BYTES[algorithm] || bytes.toString('base64') !== value) {
    throw s3Error('InvalidRequest', { message: `Value for ${checksumHeader(algorithm)} header is invalid.` })
  }
  return value
}

export type PartChecksum = { value: string; sizeBytes: number }

/** The digest of the parts' digests, and how many. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly PartChecksum[]): Checksum {
  const digest = createDigest(algorithm)
  for (const part of parts) digest.update(Buffer.from(part.value, 'base64'))
  return { algorithm, value: `${digest.digest().toString('base64')}-${parts.length}`, type: 'COMPOSITE' }
}

/** Of the whole content, from those of its parts; only cyclic checksums can. */
export function fullObjectChecksum(
  algorithm: Exclude<ChecksumAlgorithm, 'SHA1' | 'SHA256'>,
  parts: readonly PartChecksum[],
): Checksum {
  const empty = createDigest(algorithm).digest()
  const whole = parts.reduce(
    (sum, part) => combineCrc(algorithm, sum, Buffer.from(part.value, 'base64'), part.sizeBytes),
    empty,
  )
  return { algorithm, value: whole.toString('base64'), type: 'FULL_OBJECT' }
}
