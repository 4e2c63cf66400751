import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { authenticate, type AuthenticationInput } from './authenticate.ts'
import {
  canonicalRequest,
  chunkSignature,
  EMPTY_SHA256,
  encodeUri,
  sign,
  signingKey,
  stringToSign,
  trailerSignature,
  type ChunkSeed,
  type SignedRequest,
} from './signature.ts'
import { parseTarget } from '../target.ts'

// The keys, requests and signatures of the examples in AWS's "Signature calculations for the Authorization header".
const ACCESS_KEY = 'AKIAIOSFODNN7EXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const DATE_TIME = '20130524T000000Z'
const SCOPE = { date: '20130524', region: 'us-east-1', service: 's3' }

type Example = {
  method: string
  path: string
  query?: [string, string][]
  headers: Record<string, string>
  payloadHash: string
}

function signatureOf({ method, path, query = [], headers, payloadHash }: Example): string {
  const request: SignedRequest = {
    method,
    rawPath: path,
    parameters: query,
    signedHeaders: Object.keys(headers).sort(),
    header: (name) => headers[name],
    payloadHash,
  }
  return sign(signingKey(SECRET, SCOPE), stringToSign(DATE_TIME, SCOPE, canonicalRequest(request)))
}

const common = (payloadHash: string) => ({
  host: 'examplebucket.s3.amazonaws.com',
  'x-amz-content-sha256': payloadHash,
  'x-amz-date': DATE_TIME,
})

describe('the published examples', () => {
  it('GET with a range', () => {
    const headers = { ...common(EMPTY_SHA256), range: 'bytes=0-9' }
    expect(signatureOf({ method: 'GET', path: '/test.txt', headers, payloadHash: EMPTY_SHA256 })).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    )
  })

  it('PUT with a dollar sign in the key', () => {
    const payloadHash = createHash('sha256').update('Welcome to Amazon S3.').digest('hex')
    const headers = {
      ...common(payloadHash),
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    }
    for (const path of ['/test%24file.text', '/test$file.text']) {
      expect(signatureOf({ method: 'PUT', path, headers, payloadHash })).toBe(
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      )
    }
  })

  it('GET of a sub-resource without a value', () => {
    const headers = common(EMPTY_SHA256)
    const query: [string, string][] = [['lifecycle', '']]
    expect(signatureOf({ method: 'GET', path: '/', query, headers, payloadHash: EMPTY_SHA256 })).toBe(
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    )
  })

  it('GET of a listing, parameters in any order', () => {
    const headers = common(EMPTY_SHA256)
    const query: [string, string][] = [
      ['prefix', 'J'],
      ['max-keys', '2'],
    ]
    expect(signatureOf({ method: 'GET', path: '/', query, headers, payloadHash: EMPTY_SHA256 })).toBe(
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    )
  })

  it('a presigned link, through the whole of authentication', () => {
    const url =
      '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'
    const input: AuthenticationInput = {
      method: 'GET',
      target: parseTarget(url, 'examplebucket.s3.amazonaws.com'),
      header: (name) => (name === 'host' ? 'examplebucket.s3.amazonaws.com' : undefined),
      headerNames: ['host'],
      users: [{ accessKeyId: ACCESS_KEY, secretAccessKey: SECRET, policy: 'full' }],
      region: undefined,
      nowMs: Date.UTC(2013, 4, 24, 12),
    }
    expect(authenticate(input).user?.accessKeyId).toBe(ACCESS_KEY)
    expect(() => authenticate({ ...input, nowMs: Date.UTC(2013, 4, 25, 0, 0, 1) })).toThrow('Request has expired')
    expect(() => authenticate({ ...input, method: 'PUT' })).toThrow('signature')
  })
})

describe('the published examples of chunked bodies', () => {
  const key = signingKey(SECRET, SCOPE)
  const sha256 = (size: number): string => createHash('sha256').update('a'.repeat(size)).digest('hex')

  it('three chunks', () => {
    const signature = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'
    const seed: ChunkSeed = { key, dateTime: DATE_TIME, scope: SCOPE, signature }
    const first = chunkSignature(seed, signature, sha256(65_536))
    const second = chunkSignature(seed, first, sha256(1024))
    expect(first).toBe('ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648')
    expect(second).toBe('0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497')
    expect(chunkSignature(seed, second, sha256(0))).toBe(
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    )
  })

  it('a trailer', () => {
    const signature = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'
    const seed: ChunkSeed = { key, dateTime: DATE_TIME, scope: SCOPE, signature }
    const first = chunkSignature(seed, signature, sha256(65_536))
    const second = chunkSignature(seed, first, sha256(1024))
    const last = chunkSignature(seed, second, sha256(0))
    expect([first, second, last]).toEqual([
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    ])
    const trailer = createHash('sha256').update('x-amz-checksum-crc32c:sOO8/Q==\n').digest('hex')
    expect(trailerSignature(seed, last, trailer)).toBe(
      'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
    )
  })
})

it('encodes what AWS encodes, and nothing else', () => {
  expect(encodeUri("a b/c~d_e-f.g!'()*+é", true)).toBe('a%20b/c~d_e-f.g%21%27%28%29%2A%2B%C3%A9')
  expect(encodeUri('a/b', false)).toBe('a%2Fb')
})
