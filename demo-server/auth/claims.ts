/**
 * What a request says of its own signature: in the Authorization header, or in the query of a presigned URL. Parsed and
 * checked for form here; whether it is true is `authenticate.ts`'s business.
 */
import { s3Error } from '../errors.ts'
import { MAX_PRESIGNED_SECONDS } from '../limits.ts'
import { ALGORITHM, type Scope } from './signature.ts'

export type Claims = {
  kind: 'header' | 'presigned'
  accessKeyId: string
  scope: Scope
  signedHeaders: string[]
  signature: string
  /** `YYYYMMDDThhmmssZ` */
  dateTime: string
  timeMs: number
  /** Of presigned URLs. */
  expiresSeconds?: number
  sessionToken: string | undefined
}

type HeaderOf = (name: string) => string | undefined

/** Undefined for an anonymous request. */
export function readClaims(header: HeaderOf, query: ReadonlyMap<string, string>): Claims | undefined {
  const authorization = header('authorization')
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) {
    if (authorization !== undefined) throw s3Error('InvalidArgument', { message: 'Only one auth mechanism allowed' })
    return presignedClaims(query)
  }
  if (query.has('AWSAccessKeyId')) throw oldSignature()
  return authorization === undefined ? undefined : headerClaims(authorization, header)
}

function headerClaims(authorization: string, header: HeaderOf): Claims {
  if (authorization.startsWith('AWS ')) throw oldSignature()
  if (!authorization.startsWith(`${ALGORITHM} `)) {
    throw s3Error('InvalidArgument', { message: 'Unsupported Authorization Type' })
  }
  const parts = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(',')
      .map((part) => {
        const equals = part.indexOf('=')
        return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const
      }),
  )
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((n) => parts.get(n))
  if (!credential || !signedHeaders || !signature) throw s3Error('AuthorizationHeaderMalformed')
  const time = requestTime(header)
  if (time === undefined) {
    throw s3Error('AccessDenied', { message: 'AWS authentication requires a valid Date or x-amz-date header' })
  }
  return {
    kind: 'header',
    ...parseCredential(credential, 'AuthorizationHeaderMalformed'),
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
    ...time,
    sessionToken: header('x-amz-security-token'),
  }
}

function presignedClaims(query: ReadonlyMap<string, string>): Claims {
  const malformed = (message: string) => s3Error('AuthorizationQueryParametersError', { message })
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) throw malformed(`X-Amz-Algorithm only supports "${ALGORITHM}"`)
  const value = (name: string): string => {
    const found = query.get(name)
    if (!found) throw malformed(`Query-string authentication requires the ${name} parameter.`)
    return found
  }
  const dateTime = value('X-Amz-Date')
  const timeMs = parseDateTime(dateTime)
  if (timeMs === undefined) throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  const expiresSeconds = Number(value('X-Amz-Expires'))
  if (!Number.isInteger(expiresSeconds) || expiresSeconds < 0) throw malformed('X-Amz-Expires should be a number')
  if (expiresSeconds > MAX_PRESIGNED_SECONDS) throw malformed('X-Amz-Expires must be less than a week (in seconds)')
  return {
    kind: 'presigned',
    ...parseCredential(value('X-Amz-Credential'), 'AuthorizationQueryParametersError'),
    signedHeaders: value('X-Amz-SignedHeaders').toLowerCase().split(';'),
    signature: value('X-Amz-Signature'),
    dateTime,
    timeMs,
    expiresSeconds,
    sessionToken: query.get('X-Amz-Security-Token'),
  }
}

function parseCredential(
  credential: string,
  code: 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError',
): { accessKeyId: string; scope: Scope } {
  // An access key may hold slashes; the scope behind it has exactly four parts.
  const parts = credential.split('/')
  const [date, region, service, terminator] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  if (!accessKeyId || !date || !region || service !== 's3' || terminator !== 'aws4_request') {
    throw s3Error(code, {
      message: 'The Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request".',
    })
  }
  return { accessKeyId, scope: { date, region, service } }
}

function requestTime(header: HeaderOf): { dateTime: string; timeMs: number } | undefined {
  const stamp = header('x-amz-date')
  if (stamp !== undefined) {
    const timeMs = parseDateTime(stamp)
    return timeMs === undefined ? undefined : { dateTime: stamp, timeMs }
  }
  const timeMs = Date.parse(header('date') ?? '')
  if (Number.isNaN(timeMs)) return undefined
  return { dateTime: formatDateTime(timeMs), timeMs }
}

export function formatDateTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/[-:]|\.\d+/g, '')
}

export function parseDateTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function oldSignature() {
  return s3Error('InvalidRequest', {
    message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  })
}
