/** Requests the SDK would never make: signed by hand, with any header, body, clock or flaw. */
import { createHash } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { formatDateTime } from '../auth/claims.ts'
import {
  ALGORITHM,
  canonicalRequest,
  scopeText,
  sign,
  signingKey,
  stringToSign,
  type ChunkSeed,
} from '../auth/signature.ts'
import type { Keys } from './target.ts'

export type RawRequest = {
  method: string
  /** Decoded; is encoded as the SDK would. */
  path: string
  query?: Record<string, string>
  /** Lower-case names; values as Latin-1 text of their bytes. */
  headers?: Record<string, string>
  /** Added after signing. */
  unsignedHeaders?: Record<string, string>
  body?: string | Buffer | ((seed: ChunkSeed) => Buffer)
  /** What x-amz-content-sha256 says; the body's hash when absent. */
  payloadHash?: string
  timeMs?: number
  keys?: Keys | undefined
  /** No Authorization header at all. */
  isAnonymous?: boolean
}

export type RawAnswer = { status: number; headers: IncomingHttpHeaders; body: Buffer; code: string | undefined }

type Place = { endpoint: string; keys: Keys }

export async function rawRequest(place: Place, raw: RawRequest): Promise<RawAnswer> {
  const url = new URL(place.endpoint)
  const rawPath = encodeURIComponent(raw.path).replace(/%2F/g, '/')
  const parameters = Object.entries(raw.query ?? {})
  const search = parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  const plainBody = typeof raw.body === 'function' ? Buffer.alloc(0) : Buffer.from(raw.body ?? '')
  const payloadHash = raw.payloadHash ?? createHash('sha256').update(plainBody).digest('hex')
  const dateTime = formatDateTime(raw.timeMs ?? Date.now())
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-date': dateTime,
    'x-amz-content-sha256': payloadHash,
    ...raw.headers,
  }
  const scope = { date: dateTime.slice(0, 8), region: 'us-east-1', service: 's3' }
  const { accessKeyId, secretAccessKey } = raw.keys ?? place.keys
  const key = signingKey(secretAccessKey, scope)
  const signedHeaders = Object.keys(headers).sort()
  const canonical = canonicalRequest({
    method: raw.method,
    rawPath,
    parameters,
    signedHeaders,
    header: (name) => headers[name],
    payloadHash,
  })
  const signature = sign(key, stringToSign(dateTime, scope, canonical))
  const credential = `${accessKeyId}/${scopeText(scope)}`
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  const body = typeof raw.body === 'function' ? raw.body({ key, dateTime, scope, signature }) : plainBody
  const sentHeaders = {
    ...headers,
    'content-length': String(body.length),
    ...(raw.isAnonymous === true ? {} : { authorization }),
    ...raw.unsignedHeaders,
  }
  const path = search === '' ? rawPath : `${rawPath}?${search}`
  return send(url, raw.method, path, sentHeaders, body)
}

export function send(
  url: URL,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer = Buffer.alloc(0),
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: url.hostname, port: url.port, method, path, headers, agent: false },
      (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', reject)
        response.on('end', () => {
          const received = Buffer.concat(pieces)
          const code = /<Code>([^<]*)</.exec(received.toString('utf8'))?.[1]
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received, code })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** As `outcome` says it of SDK calls. */
export function rawOutcome({ status, code }: RawAnswer): string {
  if (status < 300) return 'ok'
  return code === undefined ? String(status) : `${status} ${code}`
}
