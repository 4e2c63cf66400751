/**
 * The table behind store-errors.ts: what each S3 error code, HTTP status and network error means for the work at hand
 * (kind) and for a person (code, sentence, remedy). Rows are data; an arguable one carries its argument.
 */
import type { ProblemCode } from '../../contracts/problem.ts'
import { t, type MessageKey, type MessageValues } from '../../language/language.ts'
import type { StoreErrorKind } from './store.ts'

/** What was attempted, so that a sentence can name it. No field may hold a secret. */
export type ErrorContext = {
  operation: string
  access: 'list' | 'read' | 'write' | 'account'
  bucket?: string
  key?: string
  /** As a person would type it, e.g. `https://s3.example.org:9000`. */
  endpoint: string
  region: string
  /** The keys are of a session: one that is unknown has ended. */
  isTemporary?: boolean
  /** In words: `profile "work"`, `access key AKIA…`, `the environment`. */
  signer: string
}

/** What the answer itself said. */
export type ErrorFacts = ErrorContext & {
  serverMessage: string
  /** The region the server named as the right one. */
  rightRegion?: string
  /** Name and port of the proxy that the request did not get past. */
  proxy?: string
}

export type ErrorRow = {
  kind: StoreErrorKind
  code: ProblemCode
  message: TextOf
  remedy?: TextOf
}
type StoreKey = Extract<MessageKey, `store.${string}`>
type TextOf = StoreKey | ((facts: ErrorFacts) => StoreKey)

const accessKeyUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'access-key-unknown',
  message: 'store.access-key-unknown',
  remedy: 'store.access-key-unknown.remedy',
}
const secretWrong: ErrorRow = {
  kind: 'blocked',
  code: 'secret-wrong',
  message: 'store.secret-wrong',
  remedy: 'store.secret-wrong.remedy',
}
/** `offline`, not `blocked`: no call gets through, whatever it is for, and all that waits goes on after a new sign-in. */
const tokenExpired: ErrorRow = {
  kind: 'offline',
  code: 'token-expired',
  message: 'store.token-expired',
  remedy: 'store.token-expired.remedy',
}
/** The history of a bucket has rights of its own. */
const rightsToHistory: Readonly<Record<string, string>> = {
  ListObjectVersions: 's3:ListBucketVersions',
  HeadObjectVersion: 's3:GetObjectVersion',
  GetObjectVersion: 's3:GetObjectVersion',
}
const accessDenied: ErrorRow = {
  kind: 'blocked',
  code: 'access-denied',
  message: 'store.access-denied',
  remedy: ({ access, operation }) => {
    if (access === 'account') return 'store.access-denied.remedy.account'
    return access === 'write' && rightsToHistory[operation] === undefined
      ? 'store.access-denied.remedy.write'
      : 'store.access-denied.remedy'
  },
}
const bucketUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'bucket-unknown',
  message: 'store.bucket-unknown',
  remedy: 'store.bucket-unknown.remedy',
}
const regionWrong: ErrorRow = {
  kind: 'blocked',
  code: 'region-wrong',
  message: ({ rightRegion }) => (rightRegion === undefined ? 'store.region-wrong.unknown' : 'store.region-wrong'),
  remedy: ({ rightRegion }) =>
    rightRegion === undefined ? 'store.region-wrong.unknown.remedy' : 'store.region-wrong.remedy',
}
/** `retry`, because the signer takes the server's time from this very answer and signs the next request with it. */
const clockSkewed: ErrorRow = {
  kind: 'retry',
  code: 'clock-skewed',
  message: 'store.clock-skewed',
  remedy: 'store.clock-skewed.remedy',
}
const throttled: ErrorRow = {
  kind: 'retry',
  code: 'throttled',
  message: 'store.throttled',
  remedy: 'store.throttled.remedy',
}
const serverError: ErrorRow = {
  kind: 'retry',
  code: 'server-error',
  message: 'store.server-error',
  remedy: 'store.server-error.remedy',
}
const damagedOnTheWay: ErrorRow = {
  ...serverError,
  message: 'store.damaged-on-the-way',
}
const conflict: ErrorRow = {
  kind: 'conflict',
  code: 'conflict',
  message: 'store.conflict',
  remedy: 'store.conflict.remedy',
}
const gone: ErrorRow = {
  kind: 'absent',
  code: 'not-found',
  message: 'store.gone',
}
const uploadGone: ErrorRow = {
  kind: 'absent',
  code: 'not-found',
  message: 'store.upload-gone',
}
const quota: ErrorRow = {
  kind: 'blocked',
  code: 'quota-exceeded',
  message: 'store.quota',
  remedy: 'store.quota.remedy',
}
const invalid: ErrorRow = {
  kind: 'invalid',
  code: 'invalid-input',
  message: 'store.invalid',
  remedy: 'store.invalid.remedy',
}
const nameTooLong: ErrorRow = {
  kind: 'invalid',
  code: 'name-too-long',
  message: 'store.name-too-long',
  remedy: 'store.name-too-long.remedy',
}
const tooLarge: ErrorRow = {
  kind: 'invalid',
  code: 'file-too-large',
  message: 'store.too-large',
  remedy: 'store.too-large.remedy',
}
const archived: ErrorRow = {
  kind: 'blocked',
  code: 'access-denied',
  message: 'store.archived',
  remedy: 'store.archived.remedy',
}
const notImplemented: ErrorRow = {
  ...invalid,
  message: 'store.not-implemented',
  remedy: 'store.not-implemented.remedy',
}
/** `blocked`, not `invalid`: another choice for the drive makes the same write pass. */
const storageClassUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'invalid-input',
  message: 'store.storage-class-unknown',
  remedy: 'store.storage-class-unknown.remedy',
}
const encryptionRefused: ErrorRow = {
  kind: 'blocked',
  code: 'access-denied',
  message: 'store.encryption-refused',
  remedy: 'store.encryption-refused.remedy',
}
/**
 * `offline`, not `blocked`: a hotel's sign-in page looks like this too, and what waits must go on by itself once the
 * real endpoint answers again.
 */
const notS3: ErrorRow = {
  kind: 'offline',
  code: 'endpoint-not-s3',
  message: 'store.not-s3',
  remedy: 'store.not-s3.remedy',
}
const unreachable = (message: StoreKey, remedy: StoreKey, kind: StoreErrorKind = 'offline'): ErrorRow => ({
  kind,
  code: 'endpoint-unreachable',
  message,
  remedy,
})
const nameUnknown = unreachable('store.name-unknown', 'store.name-unknown.remedy')
const noRoute = unreachable('store.no-route', 'store.no-route.remedy')
const noAnswer = unreachable('store.no-answer', 'store.no-answer.remedy')
const brokenOff = unreachable('store.broken-off', 'store.broken-off.remedy', 'retry')
const proxyUnreachable: ErrorRow = {
  kind: 'offline',
  code: 'proxy-unreachable',
  message: 'store.proxy-unreachable',
  remedy: 'store.proxy-unreachable.remedy',
}
/** `offline` for the reason given at `notS3`: what waits goes on by itself once the proxy lets it through. */
const proxyUnauthorized: ErrorRow = {
  kind: 'offline',
  code: 'proxy-refused',
  message: 'store.proxy-unauthorized',
  remedy: 'store.proxy-unauthorized.remedy',
}
const proxyRefused: ErrorRow = {
  ...proxyUnauthorized,
  message: 'store.proxy-refused',
  remedy: 'store.proxy-refused.remedy',
}
const tlsUntrusted: ErrorRow = {
  kind: 'blocked',
  code: 'tls-untrusted',
  message: 'store.tls-untrusted',
  remedy: 'store.tls-untrusted.remedy',
}
const tlsExpired: ErrorRow = {
  ...tlsUntrusted,
  message: 'store.tls-expired',
  remedy: 'store.tls-expired.remedy',
}
/** `offline` for the reason given at `notS3`. */
const tlsOtherName: ErrorRow = {
  ...tlsUntrusted,
  kind: 'offline',
  message: 'store.tls-other-name',
  remedy: 'store.tls-other-name.remedy',
}
const wrongProtocol: ErrorRow = {
  kind: 'blocked',
  code: 'endpoint-not-s3',
  message: 'store.wrong-protocol',
  remedy: ({ endpoint }) =>
    endpoint.startsWith('https:') ? 'store.wrong-protocol.remedy.http' : 'store.wrong-protocol.remedy.https',
}
/** `offline` for the reason given at `tokenExpired`: the tools that write these files take them away for a moment, too. */
const profileUnknown: ErrorRow = {
  kind: 'offline',
  code: 'profile-unknown',
  message: 'store.profile-unknown',
  remedy: 'store.profile-unknown.remedy',
}
const cancelled: ErrorRow = { kind: 'cancelled', code: 'cancelled', message: 'store.cancelled' }
const blockedUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'internal',
  message: 'store.blocked-unknown',
  remedy: 'store.blocked-unknown.remedy',
}
const retryUnknown: ErrorRow = {
  kind: 'retry',
  code: 'internal',
  message: 'store.retry-unknown',
  remedy: 'store.retry-unknown.remedy',
}

const rights: Partial<Record<ErrorContext['access'], string>> = { list: 's3:ListBucket', read: 's3:GetObject' }

/** A text of a row, about these facts. */
export function said(text: TextOf, facts: ErrorFacts): string {
  return t(typeof text === 'function' ? text(facts) : text, valuesOf(facts))
}

function valuesOf(facts: ErrorFacts): MessageValues {
  const { operation, access, bucket = '', endpoint, region, signer, rightRegion = '', proxy = 'none' } = facts
  const right = rightsToHistory[operation] ?? rights[access] ?? ''
  return { operation, access, bucket, endpoint, region, signer, rightRegion, proxy, right, ...subject(facts) }
}

function subject({ key, bucket, endpoint }: Pick<ErrorFacts, 'key' | 'bucket' | 'endpoint'>): MessageValues {
  if (key !== undefined) return { of: 'key', name: key }
  return bucket === undefined ? { of: 'endpoint', name: endpoint } : { of: 'bucket', name: bucket }
}

/** By the code in S3's error document, or the name the SDK gives its own errors. */
export const rowsByName: Readonly<Record<string, ErrorRow>> = {
  InvalidAccessKeyId: accessKeyUnknown,
  SignatureDoesNotMatch: secretWrong,
  ExpiredToken: tokenExpired,
  ExpiredTokenException: tokenExpired,
  InvalidToken: tokenExpired,
  TokenRefreshRequired: tokenExpired,
  RequestExpired: tokenExpired,
  AccessDenied: accessDenied,
  Forbidden: accessDenied,
  AllAccessDisabled: accessDenied,
  AccountProblem: accessDenied,
  NotSignedUp: accessDenied,
  UserSuspended: accessDenied,
  NoSuchBucket: bucketUnknown,
  InvalidBucketName: bucketUnknown,
  PermanentRedirect: regionWrong,
  TemporaryRedirect: { ...serverError, code: 'region-wrong' },
  Redirect: { ...serverError, code: 'region-wrong' },
  AuthorizationHeaderMalformed: regionWrong,
  IllegalLocationConstraintException: regionWrong,
  RequestTimeTooSkewed: clockSkewed,
  SlowDown: throttled,
  Throttling: throttled,
  ThrottlingException: throttled,
  TooManyRequests: throttled,
  TooManyRequestsException: throttled,
  RequestLimitExceeded: throttled,
  BandwidthLimitExceeded: throttled,
  InternalError: serverError,
  ServiceUnavailable: serverError,
  RequestTimeout: serverError,
  OperationAborted: serverError,
  /** Two writers met; who lost learns so by a 412 on the next try. */
  ConditionalRequestConflict: serverError,
  BadDigest: damagedOnTheWay,
  IncompleteBody: damagedOnTheWay,
  XAmzContentSHA256Mismatch: damagedOnTheWay,
  XAmzContentChecksumMismatch: damagedOnTheWay,
  PreconditionFailed: conflict,
  NotModified: conflict,
  NoSuchKey: gone,
  NoSuchVersion: gone,
  NotFound: gone,
  NoSuchUpload: uploadGone,
  QuotaExceeded: quota,
  QuotaExceededException: quota,
  StorageQuotaExceeded: quota,
  InsufficientCapacity: quota,
  InsufficientStorage: quota,
  XMinioStorageFull: quota,
  KeyTooLongError: nameTooLong,
  EntityTooLarge: tooLarge,
  MaxMessageLengthExceeded: tooLarge,
  InvalidObjectState: archived,
  InvalidStorageClass: storageClassUnknown,
  InvalidEncryptionAlgorithmError: encryptionRefused,
  'KMS.DisabledException': encryptionRefused,
  'KMS.InvalidKeyUsageException': encryptionRefused,
  'KMS.KMSInvalidStateException': encryptionRefused,
  'KMS.NotFoundException': encryptionRefused,
  NotImplemented: notImplemented,
  MethodNotAllowed: notImplemented,
  MissingContentLength: invalid,
  InvalidArgument: invalid,
  InvalidRequest: invalid,
  InvalidRange: invalid,
  InvalidPart: invalid,
  InvalidPartOrder: invalid,
  EntityTooSmall: invalid,
  MetadataTooLarge: invalid,
  MalformedXML: invalid,
  InvalidURI: invalid,
  URIError: invalid,
  CredentialsProviderError: profileUnknown,
  TokenProviderError: tokenExpired,
  AbortError: cancelled,
  NotS3Error: notS3,
}

/** By HTTP status, where the answer names no code we know (HEAD has no body; RGW and proxies are terse). */
export const rowsByStatus: Readonly<Record<number, ErrorRow>> = {
  301: regionWrong,
  304: conflict,
  307: { ...serverError, code: 'region-wrong' },
  401: accessDenied,
  403: accessDenied,
  408: serverError,
  409: serverError,
  411: invalid,
  412: conflict,
  413: tooLarge,
  416: invalid,
  417: serverError,
  429: throttled,
  501: notImplemented,
  503: throttled,
  507: quota,
}

/** By `error.code` of Node, and of our own transport. */
export const rowsByNetworkCode: Readonly<Record<string, ErrorRow>> = {
  ECONNREFUSED: unreachable('store.refused', 'store.refused.remedy'),
  ENOTFOUND: nameUnknown,
  EAI_AGAIN: nameUnknown,
  EAI_NODATA: nameUnknown,
  ENETUNREACH: noRoute,
  EHOSTUNREACH: noRoute,
  ENETDOWN: noRoute,
  EHOSTDOWN: noRoute,
  EADDRNOTAVAIL: noRoute,
  ENONET: noRoute,
  ETIMEDOUT: noAnswer,
  CONNECT_TIMEOUT: noAnswer,
  PROXY_UNREACHABLE: proxyUnreachable,
  PROXY_UNAUTHORIZED: proxyUnauthorized,
  PROXY_REFUSED: proxyRefused,
  // Nothing at all for so long: whoever asks next must not wait as long again before being told.
  IDLE_TIMEOUT: unreachable('store.silent', 'store.silent.remedy'),
  ECONNRESET: brokenOff,
  ECONNABORTED: brokenOff,
  EPIPE: brokenOff,
  ERR_STREAM_PREMATURE_CLOSE: brokenOff,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: tlsUntrusted,
  UNABLE_TO_GET_ISSUER_CERT: tlsUntrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: tlsUntrusted,
  SELF_SIGNED_CERT_IN_CHAIN: tlsUntrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: tlsUntrusted,
  CERT_UNTRUSTED: tlsUntrusted,
  CERT_HAS_EXPIRED: tlsExpired,
  CERT_NOT_YET_VALID: tlsExpired,
  ERR_TLS_CERT_ALTNAME_INVALID: tlsOtherName,
  EPROTO: wrongProtocol,
  ERR_SSL_WRONG_VERSION_NUMBER: wrongProtocol,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: wrongProtocol,
  ERR_SSL_HTTP_REQUEST: wrongProtocol,
}

export const fallbackRows = { notS3, serverError, blockedUnknown, retryUnknown, gone, wrongProtocol, bucketUnknown }
