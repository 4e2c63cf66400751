/**
 * S3's errors: code, HTTP status and AWS's kind of sentence. Everything the server refuses is thrown as an S3Error and
 * becomes XML in one place (`exchange.ts`).
 */

const CATALOGUE = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [400, 'The authorization query parameters that you provided are not valid.'],
  BadDigest: [400, 'The Content-MD5 or checksum value that you specified did not match what the server received.'],
  BucketAlreadyOwnedByYou: [409, 'The bucket that you tried to create already exists, and you own it.'],
  BucketNotEmpty: [409, 'The bucket that you tried to delete is not empty.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed object size.'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed object size.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  IncompleteBody: [400, 'You did not provide the number of bytes specified by the Content-Length HTTP header.'],
  InternalError: [500, 'An internal error occurred. Try again.'],
  InvalidAccessKeyId: [403, 'The access key ID that you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid argument'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidBucketState: [409, 'The request is not valid for the current state of the bucket.'],
  InvalidDigest: [400, 'The Content-MD5 or checksum value that you specified is not valid.'],
  InvalidObjectState: [403, "The operation is not valid for the object's storage class."],
  InvalidPart: [400, 'One or more of the specified parts could not be found, or its ETag does not match.'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order of part number.'],
  InvalidRange: [416, 'The requested range is not satisfiable.'],
  InvalidRequest: [400, 'The request is not valid.'],
  InvalidEncryptionAlgorithmError: [400, 'The Encryption request you specified is not valid. Supported value: AES256.'],
  InvalidStorageClass: [400, 'The storage class that you specified is not valid.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise not valid.'],
  InvalidURI: [400, 'The specified URI could not be parsed.'],
  KeyTooLongError: [400, 'Your key is too long.'],
  MalformedXML: [400, 'The XML that you provided was not well formed or did not validate against the schema.'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size.'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchBucketPolicy: [404, 'The specified bucket does not have a bucket policy.'],
  NoSuchCORSConfiguration: [404, 'The CORS configuration does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchLifecycleConfiguration: [404, 'The lifecycle configuration does not exist.'],
  NoSuchObjectLockConfiguration: [404, 'The specified object does not have an object lock configuration.'],
  NoSuchTagSet: [404, 'The tag set does not exist.'],
  NoSuchUpload: [404, 'The specified multipart upload does not exist: it was never begun, aborted, or completed.'],
  NoSuchVersion: [404, 'The version ID that you specified does not exist.'],
  NotImplemented: [501, 'A header or parameter that you provided asks for something that is not implemented.'],
  ObjectLockConfigurationNotFoundError: [404, 'Object lock is not configured for this bucket.'],
  PreconditionFailed: [412, 'At least one of the preconditions that you specified did not hold.'],
  QuotaExceeded: [403, 'The storage quota of this account is used up.'],
  RequestTimeTooSkewed: [403, "The difference between the request time and the server's time is too large."],
  ServerSideEncryptionConfigurationNotFoundError: [404, 'The server-side encryption configuration was not found.'],
  SignatureDoesNotMatch: [403, 'The request signature that we calculated does not match the one you provided.'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
} as const satisfies Record<string, readonly [number, string]>

export type S3ErrorCode = keyof typeof CATALOGUE

export type S3ErrorDetail = {
  message?: string
  /** Further elements of the error document, in AWS's names. */
  fields?: Record<string, string>
  headers?: Record<string, string>
  cause?: unknown
}

export class S3Error extends Error {
  readonly code: string
  readonly status: number
  readonly fields: Record<string, string>
  readonly headers: Record<string, string>

  constructor(code: string, status: number, detail: S3ErrorDetail = {}) {
    super(detail.message ?? code, { cause: detail.cause })
    this.name = 'S3Error'
    this.code = code
    this.status = status
    this.fields = detail.fields ?? {}
    this.headers = detail.headers ?? {}
  }
}

export function s3Error(code: S3ErrorCode, detail: S3ErrorDetail = {}): S3Error {
  const [status, message] = CATALOGUE[code]
  return new S3Error(code, status, { message, ...detail })
}
