import { describe, expect, it } from 'vitest'
import type { DemoUser } from '../options.ts'
import { parseTarget } from '../target.ts'
import { authenticate } from './authenticate.ts'
import { formatDateTime } from './claims.ts'
import { ALGORITHM, canonicalRequest, EMPTY_SHA256, scopeText, sign, signingKey, stringToSign } from './signature.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

type Case = {
  user?: Partial<DemoUser>
  region?: string
  headers?: Record<string, string>
  extra?: Record<string, string>
  timeMs?: number
}

function attempt({ user = {}, region, headers = {}, extra = {}, timeMs = NOW }: Case = {}): string {
  const keys = { accessKeyId: 'with/slash', secretAccessKey: 'secret' }
  const dateTime = formatDateTime(timeMs)
  const scope = { date: dateTime.slice(0, 8), region: 'us-east-1', service: 's3' }
  const target = parseTarget('/bucket/key', 'localhost')
  const signed: Record<string, string> = {
    host: 'localhost',
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': dateTime,
    ...headers,
  }
  const signedHeaders = Object.keys(signed).sort()
  const canonical = canonicalRequest({
    method: 'GET',
    rawPath: target.rawPath,
    parameters: [],
    signedHeaders,
    header: (name) => signed[name],
    payloadHash: signed['x-amz-content-sha256'] ?? '',
  })
  const signature = sign(signingKey(keys.secretAccessKey, scope), stringToSign(dateTime, scope, canonical))
  const authorization = `${ALGORITHM} Credential=${keys.accessKeyId}/${scopeText(scope)},SignedHeaders=${signedHeaders.join(';')},Signature=${signature}`
  const all: Record<string, string> = { ...signed, authorization, ...extra }
  try {
    const caller = authenticate({
      method: 'GET',
      target,
      header: (name) => all[name],
      headerNames: Object.keys(all),
      users: [{ ...keys, policy: 'full', ...user }],
      region,
      nowMs: NOW,
    })
    return caller.payload.kind
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

describe('authenticate', () => {
  const token = { 'x-amz-security-token': 'token' }
  const temporary = { sessionToken: 'token', expiresAt: NOW + 1000 }
  const cases: [string, Case, string][] = [
    ['takes a signed request', {}, 'sha256'],
    ['takes an access key with slashes in it, and any region when none is set', {}, 'sha256'],
    ['knows no other key', { user: { accessKeyId: 'other' } }, 'InvalidAccessKeyId'],
    ['checks the secret', { user: { secretAccessKey: 'other' } }, 'SignatureDoesNotMatch'],
    ['allows 15 minutes either way', { timeMs: NOW - 15 * 60_000 }, 'sha256'],
    ['refuses more', { timeMs: NOW - 15 * 60_000 - 1000 }, 'RequestTimeTooSkewed'],
    ['refuses the future as well', { timeMs: NOW + 16 * 60_000 }, 'RequestTimeTooSkewed'],
    ['takes temporary keys with their token', { user: temporary, headers: token }, 'sha256'],
    ['does not know them without', { user: temporary }, 'InvalidAccessKeyId'],
    ['nor with another', { user: temporary, headers: { 'x-amz-security-token': 'x' } }, 'InvalidToken'],
    ['nor a token on lasting keys', { headers: token }, 'InvalidToken'],
    ['says when a token has expired', { user: { ...temporary, expiresAt: NOW }, headers: token }, 'ExpiredToken'],
    ['names the right region', { region: 'eu-north-1' }, 'AuthorizationHeaderMalformed'],
    ['wants every x-amz- header signed', { extra: { 'x-amz-acl': 'public-read' } }, 'AccessDenied'],
    ['leaves other headers unsigned', { extra: { 'content-type': 'text/plain' } }, 'sha256'],
    ['refuses the older signature', { extra: { authorization: 'AWS key:signature' } }, 'InvalidRequest'],
    [
      'refuses what is no signature',
      { extra: { authorization: `${ALGORITHM} Credential=x` } },
      'AuthorizationHeaderMalformed',
    ],
    ['takes an unsigned payload', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }, 'unsigned'],
    ['takes chunks', { headers: { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' } }, 'chunked'],
    ['refuses other hashes', { headers: { 'x-amz-content-sha256': 'abc' } }, 'InvalidArgument'],
  ]
  it.each(cases)('%s', (_, input, expected) => {
    expect(attempt(input)).toBe(expected)
  })
})
