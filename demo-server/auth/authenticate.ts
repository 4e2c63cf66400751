/**
 * Decides who is asking and how the body vouches for itself. Every refusal is the error AWS gives for it, because the
 * worker turns these codes into sentences for a person.
 */
import { type S3Error, s3Error } from '../errors.ts'
import { MAX_CLOCK_SKEW_MS } from '../limits.ts'
import type { DemoUser } from '../options.ts'
import type { Target } from '../target.ts'
import { readClaims, type Claims } from './claims.ts'
import {
  canonicalRequest,
  sameSignature,
  sign,
  signingKey,
  stringToSign,
  type ChunkSeed,
  type SignedRequest,
} from './signature.ts'

export type PayloadRule =
  | { kind: 'unsigned' }
  | { kind: 'sha256'; hex: string }
  /** aws-chunked; with `seed` every chunk is signed. */
  | { kind: 'chunked'; seed: ChunkSeed | undefined; hasTrailer: boolean }

export type Caller = { user: DemoUser | undefined; payload: PayloadRule }

export type AuthenticationInput = {
  method: string
  target: Target
  header: (name: string) => string | undefined
  headerNames: readonly string[]
  users: readonly DemoUser[]
  region: string | undefined
  nowMs: number
}

export function authenticate(input: AuthenticationInput): Caller {
  const claims = readClaims(input.header, input.target.query)
  const declared = input.header('x-amz-content-sha256')
  if (!claims) return { user: undefined, payload: payloadRule(declared ?? 'UNSIGNED-PAYLOAD', undefined) }

  checkTime(claims, input.nowMs)
  const user = input.users.find((candidate) => candidate.accessKeyId === claims.accessKeyId)
  if (!user) throw s3Error('InvalidAccessKeyId', { fields: { AWSAccessKeyId: claims.accessKeyId } })
  checkToken(user, claims, input.nowMs)
  checkScope(claims, input.region)
  if (claims.kind === 'header' && declared === undefined) {
    throw s3Error('InvalidRequest', { message: 'Missing required header for this request: x-amz-content-sha256' })
  }
  checkSignedHeaders(claims, input.headerNames)
  const payloadHash = declared ?? 'UNSIGNED-PAYLOAD'
  const key = signingKey(user.secretAccessKey, claims.scope)
  checkSignature(input, claims, key, payloadHash)
  const seed = { key, dateTime: claims.dateTime, scope: claims.scope, signature: claims.signature }
  return { user, payload: payloadRule(payloadHash, seed) }
}

function checkTime(claims: Claims, nowMs: number): void {
  if (claims.kind === 'presigned') {
    const expiresMs = claims.timeMs + (claims.expiresSeconds ?? 0) * 1000
    if (nowMs > expiresMs) throw s3Error('AccessDenied', { message: 'Request has expired', fields: clockFields(nowMs) })
    if (claims.timeMs - nowMs > MAX_CLOCK_SKEW_MS)
      throw s3Error('AccessDenied', { message: 'Request is not yet valid' })
    return
  }
  if (Math.abs(claims.timeMs - nowMs) > MAX_CLOCK_SKEW_MS) {
    throw s3Error('RequestTimeTooSkewed', {
      fields: {
        RequestTime: claims.dateTime,
        MaxAllowedSkewMilliseconds: String(MAX_CLOCK_SKEW_MS),
        ...clockFields(nowMs),
      },
    })
  }
}

function clockFields(nowMs: number): Record<string, string> {
  return { ServerTime: new Date(nowMs).toISOString().replace(/\.\d+/, '') }
}

function checkToken(user: DemoUser, claims: Claims, nowMs: number): void {
  if (user.sessionToken === undefined) {
    if (claims.sessionToken !== undefined) throw s3Error('InvalidToken')
    return
  }
  // AWS does not know temporary keys without their token.
  if (claims.sessionToken === undefined) throw s3Error('InvalidAccessKeyId')
  if (claims.sessionToken !== user.sessionToken) throw s3Error('InvalidToken')
  if (user.expiresAt !== undefined && nowMs >= user.expiresAt) throw s3Error('ExpiredToken')
}

function checkScope(claims: Claims, region: string | undefined): void {
  const code = claims.kind === 'header' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError'
  if (claims.scope.date !== claims.dateTime.slice(0, 8)) {
    throw s3Error(code, { message: 'Invalid credential date: it is not the same as X-Amz-Date.' })
  }
  if (region !== undefined && claims.scope.region !== region) {
    throw s3Error(code, {
      message: `The authorization header is malformed; the region '${claims.scope.region}' is wrong; expecting '${region}'`,
      fields: { Region: region },
    })
  }
}

/** An attacker must not be able to add a header that changes what a signed request means. */
function checkSignedHeaders(claims: Claims, headerNames: readonly string[]): void {
  const signed = new Set(claims.signedHeaders)
  const mustSign = (name: string): boolean =>
    name === 'host' || (name.startsWith('x-amz-') && !(claims.kind === 'presigned' && name === 'x-amz-content-sha256'))
  const unsigned = headerNames.filter((name) => mustSign(name) && !signed.has(name))
  if (unsigned.length > 0) {
    throw s3Error('AccessDenied', {
      message: 'There were headers present in the request which were not signed',
      fields: { HeadersNotSigned: unsigned.join(', ') },
    })
  }
}

function checkSignature(input: AuthenticationInput, claims: Claims, key: Buffer, payloadHash: string): void {
  const request: SignedRequest = {
    method: input.method,
    rawPath: input.target.rawPath,
    parameters: input.target.parameters,
    signedHeaders: claims.signedHeaders,
    header: input.header,
    payloadHash,
  }
  const canonical = canonicalRequest(request)
  const toSign = stringToSign(claims.dateTime, claims.scope, canonical)
  if (sameSignature(sign(key, toSign), claims.signature)) return
  throw s3Error('SignatureDoesNotMatch', {
    fields: {
      AWSAccessKeyId: claims.accessKeyId,
      StringToSign: toSign,
      SignatureProvided: claims.signature,
      CanonicalRequest: canonical,
    },
  })
}

function payloadRule(declared: string, seed: ChunkSeed | undefined): PayloadRule {
  switch (declared) {
    case 'UNSIGNED-PAYLOAD':
      return { kind: 'unsigned' }
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', seed: undefined, hasTrailer: true }
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      if (!seed) throw s3Error('InvalidRequest', { message: 'A signed payload needs a signed request.' })
      return { kind: 'chunked', seed, hasTrailer: declared.endsWith('-TRAILER') }
    default:
      if (/^[0-9a-f]{64}$/.test(declared)) return { kind: 'sha256', hex: declared }
      throw invalidPayloadHash(declared)
  }
}

function invalidPayloadHash(declared: string): S3Error {
  return s3Error('InvalidArgument', {
    message: 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, one of the STREAMING values, or a valid sha256 value.',
    fields: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: declared },
  })
}
