/**
 * The table behind store-errors.ts: what each S3 error code, HTTP status and network error means for the work at hand
 * (kind) and for a person (code, sentence, remedy). Rows are data; an arguable one carries its argument.
 */
import type { ProblemCode } from '../../contracts/problem.ts'
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
  message: (facts: ErrorFacts) => string
  remedy?: string | ((facts: ErrorFacts) => string)
}

const subject = (f: ErrorFacts): string =>
  f.key === undefined ? (f.bucket === undefined ? f.endpoint : `the bucket “${f.bucket}”`) : `“${f.key}”`
const verb = (f: ErrorFacts): string => ({ list: 'list', read: 'read', write: 'change', account: 'use' })[f.access]

const accessKeyUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'access-key-unknown',
  message: (f) => `${f.endpoint} does not know the access key (${f.signer}).`,
  remedy: 'Check the access key ID for typing errors, and that it belongs to this endpoint and is still active.',
}
const secretWrong: ErrorRow = {
  kind: 'blocked',
  code: 'secret-wrong',
  message: (f) => `The secret key does not belong to ${f.signer}: ${f.endpoint} refused the signature.`,
  remedy: 'Enter the secret access key again. If it is right, check the region, and any proxy that changes requests.',
}
/** `offline`, not `blocked`: no call gets through, whatever it is for, and all that waits goes on after a new sign-in. */
const tokenExpired: ErrorRow = {
  kind: 'offline',
  code: 'token-expired',
  message: (f) => `The temporary credentials (${f.signer}) have expired or are not valid.`,
  remedy: 'Sign in again (for a profile: `aws sso login`), or enter new keys and a new session token.',
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
  message: (f) => `These keys (${f.signer}) may not ${verb(f)} ${subject(f)}.`,
  remedy: (f) => {
    const right = { list: 's3:ListBucket', read: 's3:GetObject', write: 's3:PutObject and s3:DeleteObject' }
    return f.access === 'account'
      ? 'Ask the owner of the account for access, or use other keys.'
      : `Ask the owner of the bucket for the right ${rightsToHistory[f.operation] ?? right[f.access]}, or use other keys.`
  },
}
const bucketUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'bucket-unknown',
  message: (f) => `There is no bucket “${f.bucket ?? ''}” at ${f.endpoint}.`,
  remedy:
    'Check the name of the bucket for typing errors, and that the account points to the right endpoint and region.',
}
const regionWrong: ErrorRow = {
  kind: 'blocked',
  code: 'region-wrong',
  message: (f) =>
    f.rightRegion === undefined
      ? `The bucket “${f.bucket ?? ''}” is in another region than ${f.region}.`
      : `The bucket “${f.bucket ?? ''}” is in the region ${f.rightRegion}, not in ${f.region}.`,
  remedy: (f) =>
    f.rightRegion === undefined
      ? 'Set the region of the account to the one the bucket is in.'
      : `Set the region of the account to ${f.rightRegion}.`,
}
/** `retry`, because the signer takes the server's time from this very answer and signs the next request with it. */
const clockSkewed: ErrorRow = {
  kind: 'retry',
  code: 'clock-skewed',
  message: (f) => `The clock of this computer differs too much from that of ${f.endpoint}.`,
  remedy: 'Set the date and time of this computer (automatic time is best), then try again.',
}
const throttled: ErrorRow = {
  kind: 'retry',
  code: 'throttled',
  message: (f) => `${f.endpoint} asks for fewer requests.`,
  remedy: 'Nothing to do: it is tried again by itself, more slowly.',
}
const serverError: ErrorRow = {
  kind: 'retry',
  code: 'server-error',
  message: (f) => `${f.endpoint} could not answer just now.`,
  remedy: 'Nothing to do: it is tried again by itself. If it lasts, look at the status page of the provider.',
}
const damagedOnTheWay: ErrorRow = {
  ...serverError,
  message: (f) => `What arrived at ${f.endpoint} was not what was sent; the server refused it.`,
}
const conflict: ErrorRow = {
  kind: 'conflict',
  code: 'conflict',
  message: (f) => `${subject(f)} was changed in the bucket by someone else.`,
  remedy: 'Choose which version to keep.',
}
const gone: ErrorRow = {
  kind: 'absent',
  code: 'not-found',
  message: (f) => `${subject(f)} is not in the bucket “${f.bucket ?? ''}”.`,
}
const uploadGone: ErrorRow = {
  kind: 'absent',
  code: 'not-found',
  message: (f) => `The unfinished upload of ${subject(f)} is no longer known to ${f.endpoint}; it has to start again.`,
}
const quota: ErrorRow = {
  kind: 'blocked',
  code: 'quota-exceeded',
  message: (f) => `There is no room left for ${subject(f)}: a quota at ${f.endpoint} is used up.`,
  remedy: 'Delete what is not needed, or have the quota raised; then retry.',
}
const invalid: ErrorRow = {
  kind: 'invalid',
  code: 'invalid-input',
  message: (f) => `${f.endpoint} does not accept the request for ${subject(f)}.`,
  remedy: 'Report this with the details: the same request will not be accepted later either.',
}
const nameTooLong: ErrorRow = {
  kind: 'invalid',
  code: 'name-too-long',
  message: (f) => `The path of ${subject(f)} is longer than the bucket can hold.`,
  remedy: 'Use a shorter name, or fewer folders above it. A whole path may have 1,024 bytes.',
}
const tooLarge: ErrorRow = {
  kind: 'invalid',
  code: 'file-too-large',
  message: (f) => `${subject(f)} is larger than ${f.endpoint} accepts.`,
  remedy: 'Split the file, or ask the provider for its limit.',
}
const archived: ErrorRow = {
  kind: 'blocked',
  code: 'access-denied',
  message: (f) => `${subject(f)} is archived and cannot be read before it is restored.`,
  remedy: 'Restore the object in the console of the provider, then try again.',
}
const notImplemented: ErrorRow = {
  ...invalid,
  message: (f) => `${f.endpoint} does not offer ${f.operation}.`,
  remedy: 'Test the account again, so that CloudMount learns what this endpoint can do.',
}
/** `blocked`, not `invalid`: another choice for the drive makes the same write pass. */
const storageClassUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'invalid-input',
  message: (f) => `${f.endpoint} has no such storage class, so ${subject(f)} was not written.`,
  remedy: 'Choose another storage class in the options of the drive.',
}
const encryptionRefused: ErrorRow = {
  kind: 'blocked',
  code: 'access-denied',
  message: (f) =>
    `${subject(f)} could not be encrypted or decrypted: its key is missing, disabled, or not for these keys.`,
  remedy: 'Check the key in the options of the drive, and with its owner that it is enabled and may be used.',
}
/**
 * `offline`, not `blocked`: a hotel's sign-in page looks like this too, and what waits must go on by itself once the
 * real endpoint answers again.
 */
const notS3: ErrorRow = {
  kind: 'offline',
  code: 'endpoint-not-s3',
  message: (f) => `What answers at ${f.endpoint} is not an S3 service.`,
  remedy:
    'Check the endpoint, its port and http or https. On a guest network, sign in to the network in a browser first.',
}
const unreachable = (what: (f: ErrorFacts) => string, remedy: string, kind: StoreErrorKind = 'offline'): ErrorRow => ({
  kind,
  code: 'endpoint-unreachable',
  message: what,
  remedy,
})
const nameUnknown = unreachable(
  (f) => `The address of ${f.endpoint} cannot be found.`,
  'Check the endpoint for typing errors, and that this computer is online.',
)
const noRoute = unreachable(
  (f) => `There is no way to ${f.endpoint} from here.`,
  'Check that this computer is online, and the VPN if one is needed.',
)
const brokenOff = unreachable(
  (f) => `The connection to ${f.endpoint} broke off.`,
  'Nothing to do: it is tried again by itself. If it never works, check the port and http or https of the endpoint.',
  'retry',
)
const proxyUnreachable: ErrorRow = {
  kind: 'offline',
  code: 'proxy-unreachable',
  message: (f) => `The proxy at ${f.proxy ?? 'the address in the settings'} could not be reached.`,
  remedy: 'Check the proxy in the settings, that this computer is online, and the VPN if one is needed.',
}
/** `offline` for the reason given at `notS3`: what waits goes on by itself once the proxy lets it through. */
const proxyUnauthorized: ErrorRow = {
  kind: 'offline',
  code: 'proxy-refused',
  message: (f) => `The proxy at ${f.proxy ?? 'the address in the settings'} does not accept the name and password.`,
  remedy: 'Enter the name and the password of the proxy in the settings.',
}
const proxyRefused: ErrorRow = {
  ...proxyUnauthorized,
  message: (f) => `The proxy at ${f.proxy ?? 'the address in the settings'} makes no connection to ${f.endpoint}.`,
  remedy: 'Check the endpoint of the account. If it is right, ask whoever runs the proxy to let it through.',
}
const tlsUntrusted: ErrorRow = {
  kind: 'blocked',
  code: 'tls-untrusted',
  message: (f) => `The certificate of ${f.endpoint} is signed by an authority this computer does not trust.`,
  remedy: 'If it is a server of your own, choose the PEM file of its certificate authority in the account.',
}
const tlsExpired: ErrorRow = {
  ...tlsUntrusted,
  message: (f) => `The certificate of ${f.endpoint} is out of date, or the clock of this computer is wrong.`,
  remedy: 'Check the date of this computer; if it is right, the certificate of the server must be renewed.',
}
/** `offline` for the reason given at `notS3`. */
const tlsOtherName: ErrorRow = {
  ...tlsUntrusted,
  kind: 'offline',
  message: (f) => `The certificate shown at ${f.endpoint} belongs to another server.`,
  remedy: 'Check the endpoint; try path-style addressing. On a guest network, sign in to it in a browser first.',
}
const wrongProtocol: ErrorRow = {
  kind: 'blocked',
  code: 'endpoint-not-s3',
  message: (f) => `${f.endpoint} does not speak the expected protocol.`,
  remedy: (f) =>
    f.endpoint.startsWith('https:')
      ? 'The port probably serves plain http: change the endpoint to http://, or use the port for https.'
      : 'The port probably serves https: change the endpoint to https://.',
}
/** `offline` for the reason given at `tokenExpired`: the tools that write these files take them away for a moment, too. */
const profileUnknown: ErrorRow = {
  kind: 'offline',
  code: 'profile-unknown',
  message: (f) => `No usable credentials were found in ${f.signer}.`,
  remedy: 'Check ~/.aws/config and ~/.aws/credentials, or choose another source of credentials.',
}
const cancelled: ErrorRow = { kind: 'cancelled', code: 'cancelled', message: (f) => `${f.operation} was cancelled.` }
const blockedUnknown: ErrorRow = {
  kind: 'blocked',
  code: 'internal',
  message: (f) => `${f.endpoint} refused ${f.operation} for ${subject(f)}.`,
  remedy: 'Test the account; if it passes, retry. If it happens again, report it with the details.',
}
const retryUnknown: ErrorRow = {
  kind: 'retry',
  code: 'internal',
  message: (f) => `${f.operation} for ${subject(f)} failed for an unknown reason.`,
  remedy: 'It is tried again by itself. If it happens again and again, report it with the details.',
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
  ECONNREFUSED: unreachable(
    (f) => `Nothing answers at ${f.endpoint}.`,
    'Check the endpoint and its port, and that the service is running.',
  ),
  ENOTFOUND: nameUnknown,
  EAI_AGAIN: nameUnknown,
  EAI_NODATA: nameUnknown,
  ENETUNREACH: noRoute,
  EHOSTUNREACH: noRoute,
  ENETDOWN: noRoute,
  EHOSTDOWN: noRoute,
  EADDRNOTAVAIL: noRoute,
  ENONET: noRoute,
  ETIMEDOUT: unreachable(
    (f) => `${f.endpoint} does not answer.`,
    'Check the endpoint and its port, that this computer is online, and the firewall or VPN between.',
  ),
  CONNECT_TIMEOUT: unreachable(
    (f) => `${f.endpoint} does not answer.`,
    'Check the endpoint and its port, that this computer is online, and the firewall or VPN between.',
  ),
  PROXY_UNREACHABLE: proxyUnreachable,
  PROXY_UNAUTHORIZED: proxyUnauthorized,
  PROXY_REFUSED: proxyRefused,
  // Nothing at all for so long: whoever asks next must not wait as long again before being told.
  IDLE_TIMEOUT: unreachable((f) => `${f.endpoint} stopped answering.`, 'It is tried again by itself.'),
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
