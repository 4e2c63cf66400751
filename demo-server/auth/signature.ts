/**
 * AWS Signature Version 4, the arithmetic only: canonical request, string to sign, signing key, chunk signatures. Knows
 * nothing of users or clocks, so that it can be checked against published examples.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const ALGORITHM = 'AWS4-HMAC-SHA256'
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export type Scope = { date: string; region: string; service: string }

export type SignedRequest = {
  method: string
  /** Encoded as sent. */
  rawPath: string
  parameters: readonly (readonly [string, string])[]
  /** Lower-case names in the order to sign. */
  signedHeaders: readonly string[]
  header: (name: string) => string | undefined
  payloadHash: string
}

export function encodeUri(text: string, keepSlash: boolean): string {
  const encoded = encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return keepSlash ? encoded.replace(/%2F/g, '/') : encoded
}

/** Decoded and encoded again, because clients differ in which harmless characters they escape on the wire. */
function canonicalPath(rawPath: string): string {
  return encodeUri(decodeURIComponent(rawPath), true)
}

function canonicalQuery(parameters: SignedRequest['parameters']): string {
  return parameters
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeUri(name, false), encodeUri(value, false)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compareAscii(nameA, nameB) || compareAscii(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compareAscii(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function canonicalRequest(request: SignedRequest): string {
  const headers = request.signedHeaders.map(
    (name) => `${name}:${(request.header(name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  )
  return [
    request.method,
    canonicalPath(request.rawPath),
    canonicalQuery(request.parameters),
    headers.join(''),
    request.signedHeaders.join(';'),
    request.payloadHash,
  ].join('\n')
}

export function scopeText(scope: Scope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`
}

/** Header bytes arrive as Latin-1 text, and it is the bytes that are signed. */
export function stringToSign(dateTime: string, scope: Scope, canonical: string): string {
  const hash = createHash('sha256').update(canonical, 'latin1').digest('hex')
  return [ALGORITHM, dateTime, scopeText(scope), hash].join('\n')
}

export function signingKey(secretAccessKey: string, scope: Scope): Buffer {
  const date = hmac(`AWS4${secretAccessKey}`, scope.date)
  return hmac(hmac(hmac(date, scope.region), scope.service), 'aws4_request')
}

export function sign(key: Buffer, text: string): string {
  return hmac(key, text).toString('hex')
}

/** Where a chunked body's chain of signatures begins. */
export type ChunkSeed = { key: Buffer; dateTime: string; scope: Scope; signature: string }

export function chunkSignature(seed: ChunkSeed, previous: string, chunkSha256: string): string {
  const lines = [`${ALGORITHM}-PAYLOAD`, seed.dateTime, scopeText(seed.scope), previous, EMPTY_SHA256, chunkSha256]
  return sign(seed.key, lines.join('\n'))
}

export function trailerSignature(seed: ChunkSeed, previous: string, trailerSha256: string): string {
  return sign(
    seed.key,
    [`${ALGORITHM}-TRAILER`, seed.dateTime, scopeText(seed.scope), previous, trailerSha256].join('\n'),
  )
}

export function sameSignature(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest()
}
