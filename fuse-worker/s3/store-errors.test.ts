import { describe, expect, it } from 'vitest'
import { problemCodes, problemSchema } from '../../contracts/problem.ts'
import { rowsByName, rowsByNetworkCode, rowsByStatus, said } from './store-error-rows.ts'
import { DeadlineError, NotS3Error, storeErrorFrom } from './store-errors.ts'
import type { ErrorContext } from './store-errors.ts'
import { StoreError } from './store.ts'

const context: ErrorContext = {
  operation: 'PutObject',
  access: 'write',
  bucket: 'photos',
  key: 'a/b.jpg',
  endpoint: 'https://s3.example.org:9000',
  region: 'eu-west-1',
  signer: 'access key AKIA1',
}

/** As the SDK throws it: named after the code in the answer's body. */
function s3Error(code: string, httpStatusCode: number, fields: object = {}): Error {
  const error = Object.assign(new Error('UnknownError'), { $metadata: { httpStatusCode, requestId: 'tx1' }, ...fields })
  error.name = code
  return error
}
const networkError = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code })

/** S3 code, status, kind, problem code. */
const answered: [string, number, string, string][] = [
  ['InvalidAccessKeyId', 403, 'blocked', 'access-key-unknown'],
  ['SignatureDoesNotMatch', 403, 'blocked', 'secret-wrong'],
  ['ExpiredToken', 400, 'offline', 'token-expired'],
  ['ExpiredTokenException', 400, 'offline', 'token-expired'],
  ['InvalidToken', 400, 'offline', 'token-expired'],
  ['TokenRefreshRequired', 400, 'offline', 'token-expired'],
  ['RequestExpired', 400, 'offline', 'token-expired'],
  ['AccessDenied', 403, 'blocked', 'access-denied'],
  ['Forbidden', 403, 'blocked', 'access-denied'],
  ['AllAccessDisabled', 403, 'blocked', 'access-denied'],
  ['AccountProblem', 403, 'blocked', 'access-denied'],
  ['NotSignedUp', 403, 'blocked', 'access-denied'],
  ['UserSuspended', 403, 'blocked', 'access-denied'],
  ['NoSuchBucket', 404, 'blocked', 'bucket-unknown'],
  ['InvalidBucketName', 400, 'blocked', 'bucket-unknown'],
  ['PermanentRedirect', 301, 'blocked', 'region-wrong'],
  ['TemporaryRedirect', 307, 'retry', 'region-wrong'],
  ['Redirect', 307, 'retry', 'region-wrong'],
  ['AuthorizationHeaderMalformed', 400, 'blocked', 'region-wrong'],
  ['IllegalLocationConstraintException', 400, 'blocked', 'region-wrong'],
  ['RequestTimeTooSkewed', 403, 'retry', 'clock-skewed'],
  ['SlowDown', 503, 'retry', 'throttled'],
  ['Throttling', 400, 'retry', 'throttled'],
  ['ThrottlingException', 400, 'retry', 'throttled'],
  ['TooManyRequests', 429, 'retry', 'throttled'],
  ['TooManyRequestsException', 429, 'retry', 'throttled'],
  ['RequestLimitExceeded', 503, 'retry', 'throttled'],
  ['BandwidthLimitExceeded', 503, 'retry', 'throttled'],
  ['InternalError', 500, 'retry', 'server-error'],
  ['ServiceUnavailable', 503, 'retry', 'server-error'],
  ['RequestTimeout', 400, 'retry', 'server-error'],
  ['OperationAborted', 409, 'retry', 'server-error'],
  ['ConditionalRequestConflict', 409, 'retry', 'server-error'],
  ['BadDigest', 400, 'retry', 'server-error'],
  ['IncompleteBody', 400, 'retry', 'server-error'],
  ['XAmzContentSHA256Mismatch', 400, 'retry', 'server-error'],
  ['XAmzContentChecksumMismatch', 400, 'retry', 'server-error'],
  ['PreconditionFailed', 412, 'conflict', 'conflict'],
  ['NotModified', 304, 'conflict', 'conflict'],
  ['NoSuchKey', 404, 'absent', 'not-found'],
  ['NoSuchVersion', 404, 'absent', 'not-found'],
  ['NoSuchUpload', 404, 'absent', 'not-found'],
  ['QuotaExceeded', 403, 'blocked', 'quota-exceeded'],
  ['QuotaExceededException', 403, 'blocked', 'quota-exceeded'],
  ['StorageQuotaExceeded', 403, 'blocked', 'quota-exceeded'],
  ['InsufficientCapacity', 507, 'blocked', 'quota-exceeded'],
  ['InsufficientStorage', 507, 'blocked', 'quota-exceeded'],
  ['XMinioStorageFull', 507, 'blocked', 'quota-exceeded'],
  ['KeyTooLongError', 400, 'invalid', 'name-too-long'],
  ['EntityTooLarge', 400, 'invalid', 'file-too-large'],
  ['MaxMessageLengthExceeded', 400, 'invalid', 'file-too-large'],
  ['InvalidStorageClass', 400, 'blocked', 'invalid-input'],
  ['InvalidEncryptionAlgorithmError', 400, 'blocked', 'access-denied'],
  ['KMS.DisabledException', 400, 'blocked', 'access-denied'],
  ['KMS.InvalidKeyUsageException', 400, 'blocked', 'access-denied'],
  ['KMS.KMSInvalidStateException', 400, 'blocked', 'access-denied'],
  ['KMS.NotFoundException', 400, 'blocked', 'access-denied'],
  ['InvalidObjectState', 403, 'blocked', 'access-denied'],
  ['NotImplemented', 501, 'invalid', 'invalid-input'],
  ['MethodNotAllowed', 405, 'invalid', 'invalid-input'],
  ['MissingContentLength', 411, 'invalid', 'invalid-input'],
  ['InvalidArgument', 400, 'invalid', 'invalid-input'],
  ['InvalidRequest', 400, 'invalid', 'invalid-input'],
  ['InvalidRange', 416, 'invalid', 'invalid-input'],
  ['InvalidPart', 400, 'invalid', 'invalid-input'],
  ['InvalidPartOrder', 400, 'invalid', 'invalid-input'],
  ['EntityTooSmall', 400, 'invalid', 'invalid-input'],
  ['MetadataTooLarge', 400, 'invalid', 'invalid-input'],
  ['MalformedXML', 400, 'invalid', 'invalid-input'],
  ['InvalidURI', 400, 'invalid', 'invalid-input'],
]

/** Status of an answer whose code nobody knows. */
const unexplained: [number, string, string][] = [
  [301, 'blocked', 'region-wrong'],
  [302, 'offline', 'endpoint-not-s3'],
  [304, 'conflict', 'conflict'],
  [307, 'retry', 'region-wrong'],
  [400, 'blocked', 'internal'],
  [401, 'blocked', 'access-denied'],
  [403, 'blocked', 'access-denied'],
  [404, 'offline', 'endpoint-not-s3'],
  [408, 'retry', 'server-error'],
  [409, 'retry', 'server-error'],
  [411, 'invalid', 'invalid-input'],
  [412, 'conflict', 'conflict'],
  [413, 'invalid', 'file-too-large'],
  [416, 'invalid', 'invalid-input'],
  [417, 'retry', 'server-error'],
  [418, 'blocked', 'internal'],
  [429, 'retry', 'throttled'],
  [500, 'retry', 'server-error'],
  [501, 'invalid', 'invalid-input'],
  [502, 'retry', 'server-error'],
  [503, 'retry', 'throttled'],
  [507, 'blocked', 'quota-exceeded'],
  [599, 'retry', 'server-error'],
]

const unanswered: [string, string, string][] = [
  ['ECONNREFUSED', 'offline', 'endpoint-unreachable'],
  ['ENOTFOUND', 'offline', 'endpoint-unreachable'],
  ['EAI_AGAIN', 'offline', 'endpoint-unreachable'],
  ['EAI_NODATA', 'offline', 'endpoint-unreachable'],
  ['ENETUNREACH', 'offline', 'endpoint-unreachable'],
  ['EHOSTUNREACH', 'offline', 'endpoint-unreachable'],
  ['ENETDOWN', 'offline', 'endpoint-unreachable'],
  ['EHOSTDOWN', 'offline', 'endpoint-unreachable'],
  ['EADDRNOTAVAIL', 'offline', 'endpoint-unreachable'],
  ['ENONET', 'offline', 'endpoint-unreachable'],
  ['ETIMEDOUT', 'offline', 'endpoint-unreachable'],
  ['CONNECT_TIMEOUT', 'offline', 'endpoint-unreachable'],
  ['IDLE_TIMEOUT', 'offline', 'endpoint-unreachable'],
  ['ECONNRESET', 'retry', 'endpoint-unreachable'],
  ['ECONNABORTED', 'retry', 'endpoint-unreachable'],
  ['EPIPE', 'retry', 'endpoint-unreachable'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'retry', 'endpoint-unreachable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'blocked', 'tls-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'blocked', 'tls-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'blocked', 'tls-untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'blocked', 'tls-untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'blocked', 'tls-untrusted'],
  ['CERT_UNTRUSTED', 'blocked', 'tls-untrusted'],
  ['CERT_HAS_EXPIRED', 'blocked', 'tls-untrusted'],
  ['CERT_NOT_YET_VALID', 'blocked', 'tls-untrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'offline', 'tls-untrusted'],
  ['EPROTO', 'blocked', 'endpoint-not-s3'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'blocked', 'endpoint-not-s3'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'blocked', 'endpoint-not-s3'],
  ['ERR_SSL_HTTP_REQUEST', 'blocked', 'endpoint-not-s3'],
  ['ERR_SSL_SOMETHING_NEW', 'blocked', 'endpoint-not-s3'],
  ['PROXY_UNREACHABLE', 'offline', 'proxy-unreachable'],
  ['PROXY_UNAUTHORIZED', 'offline', 'proxy-refused'],
  ['PROXY_REFUSED', 'offline', 'proxy-refused'],
  ['HPE_INVALID_CONSTANT', 'blocked', 'endpoint-not-s3'],
]

/** Names the SDK or the language gives, without an answer. */
const local: [string, string, string][] = [
  ['CredentialsProviderError', 'offline', 'profile-unknown'],
  ['TokenProviderError', 'offline', 'token-expired'],
  ['AbortError', 'cancelled', 'cancelled'],
  ['NotS3Error', 'offline', 'endpoint-not-s3'],
  ['URIError', 'invalid', 'invalid-input'],
]

describe('what an S3 call threw', () => {
  it.each(answered)('%s (HTTP %i) is %s: %s', (name, status, kind, code) => {
    expect(storeErrorFrom(s3Error(name, status), context)).toMatchObject({ kind, problem: { code } })
  })

  it('a session key that is no longer known has ended; another one was never right', () => {
    const unknown = s3Error('InvalidAccessKeyId', 403)
    expect(storeErrorFrom(unknown, { ...context, isTemporary: true })).toMatchObject({
      kind: 'offline',
      problem: { code: 'token-expired' },
    })
    expect(storeErrorFrom(unknown, context).problem.code).toBe('access-key-unknown')
  })

  it('a sign-in that could not be renewed because nothing can be reached is no ended one', () => {
    const failed = (message: string) => Object.assign(new Error(message), { name: 'CredentialsProviderError' })
    const codeOf = (message: string) => storeErrorFrom(failed(message), context).problem.code
    expect(codeOf('Error: getaddrinfo ENOTFOUND portal.sso.eu-west-1.amazonaws.com')).toBe('endpoint-unreachable')
    expect(codeOf('The SSO session associated with this profile has expired.')).toBe('token-expired')
    expect(codeOf('UnauthorizedException: Session token not found or invalid')).toBe('token-expired')
    expect(codeOf('Could not resolve credentials using profile: [X] in configuration file(s).')).toBe('profile-unknown')
  })

  it.each(unexplained)('HTTP %i without a known code is %s: %s', (status, kind, code) => {
    expect(storeErrorFrom(s3Error('Unknown', status), context)).toMatchObject({ kind, problem: { code } })
  })

  it.each(unanswered)('%s is %s: %s, also when the SDK wraps it', (networkCode, kind, code) => {
    const error = networkError(networkCode)
    const wrapped = Object.assign(new Error('request failed', { cause: error }), { $metadata: { attempts: 1 } })
    for (const thrown of [error, wrapped, new AggregateError([error])])
      expect(storeErrorFrom(thrown, context)).toMatchObject({ kind, problem: { code } })
  })

  it.each(local)('%s is %s: %s', (name, kind, code) => {
    expect(storeErrorFrom(Object.assign(new Error('x'), { name }), context)).toMatchObject({ kind, problem: { code } })
  })

  it('has a case here for every row of the table', () => {
    const named = [...answered.map(([name]) => name), ...local.map(([name]) => name), 'NotFound']
    expect(Object.keys(rowsByName).filter((name) => !named.includes(name))).toEqual([])
    expect(Object.keys(rowsByStatus).filter((status) => !unexplained.some(([n]) => String(n) === status))).toEqual([])
    expect(Object.keys(rowsByNetworkCode).filter((name) => !unanswered.some(([n]) => n === name))).toEqual([])
  })

  it('tells a person what happened, in a sentence, and what to do', () => {
    for (const row of [...Object.values(rowsByName), ...Object.values(rowsByNetworkCode)]) {
      const facts = { ...context, serverMessage: '' }
      expect(problemCodes).toContain(row.code)
      expect(said(row.message, facts)).toMatch(/^(?:[A-Z“]|https:).*\.$/)
      if (row.kind !== 'absent' && row.kind !== 'cancelled') expect(row.remedy).toBeDefined()
    }
  })
})

describe('the finer points', () => {
  it('believes the code in the body rather than the status around it', () => {
    expect(storeErrorFrom(s3Error('PreconditionFailed', 503), context).kind).toBe('conflict')
  })

  it('takes a 404 without a body for absence of a key only where S3 sends none: of a HEAD', () => {
    const notFound = s3Error('NotFound', 404)
    expect(storeErrorFrom(notFound, { ...context, operation: 'HeadObject' }).kind).toBe('absent')
    expect(storeErrorFrom(notFound, { ...context, operation: 'GetObject' }).kind).toBe('offline')
    expect(storeErrorFrom(notFound, { ...context, operation: 'HeadBucket' })).toMatchObject({
      kind: 'blocked',
      problem: { code: 'bucket-unknown' },
    })
  })

  it('names the right region', () => {
    const redirect = s3Error('PermanentRedirect', 301, {
      $response: { statusCode: 301, headers: { 'x-amz-bucket-region': 'ap-south-1' } },
    })
    const malformed = s3Error('AuthorizationHeaderMalformed', 400, { Region: 'ap-south-1' })
    for (const error of [redirect, malformed]) {
      const { problem } = storeErrorFrom(error, context)
      expect(problem.message).toBe('The bucket “photos” is in the region ap-south-1, not in eu-west-1.')
      expect(problem.remedy).toBe('Set the region of the account to ap-south-1.')
    }
  })

  it('tells a sign-in that ran out from a profile that is not there', () => {
    const error = Object.assign(new Error('The SSO session has expired. Refresh it with aws sso login.'), {
      name: 'CredentialsProviderError',
    })
    expect(storeErrorFrom(error, context).problem.code).toBe('token-expired')
  })

  it('says what became of the change when there was one', () => {
    const error = networkError('ECONNREFUSED')
    expect(storeErrorFrom(error, context).problem.consequence).toMatch(/kept on this computer/)
    expect(storeErrorFrom(error, { ...context, access: 'read' }).problem.consequence).toBeUndefined()
  })

  it('suggests the other protocol', () => {
    const { problem } = storeErrorFrom(new Error('write EPROTO … wrong version number'), context)
    expect(problem).toMatchObject({ code: 'endpoint-not-s3', remedy: expect.stringContaining('http://') as string })
  })

  it('tries again what nobody knows, keeping the cause', () => {
    const cause = new Error('never seen before')
    expect(storeErrorFrom(cause, context)).toMatchObject({ kind: 'retry', cause, problem: { code: 'internal' } })
    expect(storeErrorFrom(undefined, context).kind).toBe('retry')
    expect(storeErrorFrom('a string', context).problem.detail).toContain('a string')
  })

  it('reads our own deadlines, "socket hang up", and pages that are not S3', () => {
    expect(storeErrorFrom(new DeadlineError('CONNECT_TIMEOUT', 'late'), context).kind).toBe('offline')
    expect(storeErrorFrom(new DeadlineError('IDLE_TIMEOUT', 'late'), context).kind).toBe('offline')
    expect(storeErrorFrom(new Error('socket hang up'), context).kind).toBe('retry')
    expect(storeErrorFrom(new NotS3Error('HTML'), context).kind).toBe('offline')
    const html = Object.assign(new Error('Deserialization error'), { $response: { statusCode: 200, headers: {} } })
    expect(storeErrorFrom(html, context).problem.code).toBe('endpoint-not-s3')
  })

  it('begins a sentence with a capital, but spells an address as it is', () => {
    const list: ErrorContext = { operation: 'ListObjectsV2', access: 'list', bucket: 'photos', endpoint: 'http://a', region: 'x', signer: 'k' } // prettier-ignore
    expect(storeErrorFrom(s3Error('AccessDenied', 403), list).problem.message).toBe(
      'These keys (k) may not list the bucket “photos”.',
    )
    expect(storeErrorFrom(s3Error('PreconditionFailed', 412), list).problem.message).toMatch(/^The bucket/)
    expect(storeErrorFrom(networkError('ETIMEDOUT'), list).problem.message).toBe('http://a does not answer.')
  })

  it('passes a StoreError on as it is', () => {
    const error = new StoreError('invalid', { code: 'internal', message: 'x' })
    expect(storeErrorFrom(error, context)).toBe(error)
  })

  it('keeps neither the signature nor the socket of the exchange', () => {
    const error = s3Error('AccessDenied', 403, { $response: { headers: {}, body: { authorization: 'SECRET' } } })
    const translated = storeErrorFrom(error, context)
    expect(translated.cause).toMatchObject({ name: 'AccessDenied' })
    expect(JSON.stringify(Object.getOwnPropertyNames(translated.cause))).not.toContain('$response')
    expect(problemSchema.parse(translated.problem).detail).toBe('PutObject · HTTP 403 · AccessDenied · request tx1')
  })
})
