/**
 * Where Ceph's gateway differs from AWS's documentation. The embedded server does as AWS documents, always; so each row names
 * what is right, what Ceph 16.2 (Debian 12) does instead, and why that matters. Both are asserted, so a change in either shows.
 */
import { expect } from 'vitest'
import type { Target } from './target.ts'

export type Difference = {
  aws: string
  /** Of Ceph 16.2. */
  rgw: string
  why: string
}

export const DIFFERENCES = {
  'put-if-match-quoted': {
    aws: 'ok',
    rgw: '412 PreconditionFailed',
    why: 'An ETag is a quoted string (RFC 9110). Ceph 16 compares with the bare hash, so it refuses every well-formed If-Match on a PUT.',
  },
  'metadata-limit': {
    aws: '400 MetadataTooLarge',
    rgw: 'ok',
    why: 'AWS keeps 2 KB of user metadata. Ceph takes more, so what is written there may not be copied to AWS.',
  },
  'default-encryption': {
    aws: 'AES256',
    rgw: 'undefined',
    why: 'Since 2023 AWS encrypts every object and says so. Ceph says nothing unless asked to encrypt.',
  },
  'storage-class-unknown': {
    aws: '400 InvalidStorageClass',
    rgw: '400 InvalidArgument',
    why: 'Ceph has classes of its own making and no code for one it does not have: the refusal does not say what was wrong.',
  },
  'key-management': {
    aws: 'ok',
    rgw: '400 InvalidArgument',
    why: 'Ceph encrypts with keys of a key management only where one is set up, and only over TLS; the error names neither.',
  },
  'key-too-long': {
    aws: '400 KeyTooLongError',
    rgw: '400 InvalidObjectName',
    why: 'Both refuse; AWS documents KeyTooLongError. A client should look at the 400, and check the length itself.',
  },
  'encoding-of-space': {
    aws: 'a+b',
    rgw: 'a%20b',
    why: 'AWS writes a space as `+` and Ceph as `%20`; both escape `+` itself. A client must undo both.',
  },
  'bad-continuation-token': {
    aws: '400 InvalidArgument',
    rgw: 'ok',
    why: 'AWS takes its tokens for opaque and refuses others. To Ceph a token is a key to start after, so any text will do.',
  },
  'put-if-match-missing': {
    aws: '404 NoSuchKey',
    rgw: '412 PreconditionFailed',
    why: 'AWS documents 404 for If-Match on a missing key. A client must take both as: not the version you knew.',
  },
  'delete-if-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'Ceph 16 accepts the header and deletes regardless: a client cannot tell from the answer, it must probe beforehand.',
  },
  'delete-if-match-missing': {
    aws: '404 NoSuchKey',
    rgw: 'ok',
    why: 'AWS documents 404. Ceph 16 does not look at the header.',
  },
  'complete-if-none-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'Ceph 16 accepts the header and overwrites: what was written in the meantime is lost. A client must probe and stand in with a HEAD.',
  },
  'complete-if-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'As complete-if-none-match: ignored without a word by Ceph 16.',
  },
  'batch-delete-control': {
    aws: '400 MalformedXML',
    rgw: '400',
    why: 'Such characters cannot stand in XML 1.0, so the document is refused. AWS names it MalformedXML; Ceph 16 sends no code the SDK can read. Delete such keys one by one.',
  },
  'unsigned-header': {
    aws: '403 AccessDenied',
    rgw: 'ok',
    why: 'AWS wants every x-amz- header signed, or a man in the middle could add one. Ceph 16 does not check.',
  },
  'forged-chunk': {
    aws: '403 SignatureDoesNotMatch',
    rgw: '400 XAmzContentSHA256Mismatch',
    why: 'Both refuse the body. AWS calls a chunk with a wrong signature SignatureDoesNotMatch.',
  },
  'copy-source-if-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'Ceph 16 accepts the condition and copies another version than was asked for. A client must compare the ETag it gets back.',
  },
  'copy-source-if-none-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'As copy-source-if-match: ignored without a word by Ceph 16.',
  },
  'copy-if-none-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'AWS honours If-None-Match on the target of a copy since 2025. Ceph overwrites, so a copy cannot stand in for an exclusive rename.',
  },
  'copy-if-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'As copy-if-none-match.',
  },
  'copy-etag': {
    aws: 'quoted',
    rgw: 'bare',
    why: 'An ETag is a quoted string. Ceph 16 leaves the quotes out of the results of CopyObject and UploadPartCopy: compare without them.',
  },
  'complete-etag': {
    aws: 'quoted',
    rgw: 'empty',
    why: 'AWS answers with the ETag of the new object. Ceph 16 answers with an empty one, so a client must HEAD to learn what it made.',
  },
  'complete-subset': {
    aws: 'ok',
    rgw: '400 InvalidPart',
    why: 'AWS makes the object of the parts that are named and drops others. Ceph 16 wants all of them named: abort and begin anew, rather than leave some out.',
  },
  'complete-after-abort': {
    aws: '404 NoSuchUpload',
    rgw: '500 InternalError',
    why: 'AWS documents 404. A 500 invites a retry for ever, so a client should list the parts when it sees one here.',
  },
  'part-copy-source-if-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'Ceph 16 accepts the condition and copies a part of another version: an object torn between two. A client must check the ETag before it completes.',
  },
  location: {
    aws: 'us-east-1',
    rgw: 'default',
    why: 'AWS names a region, and us-east-1 by leaving it empty. Ceph names its zone group.',
  },
  'get-delete-marker': {
    aws: '405 MethodNotAllowed',
    rgw: '404 NoSuchKey',
    why: 'AWS documents 405 with x-amz-delete-marker for a marker asked for by its id.',
  },
  'versioned-if-none-match': {
    aws: '412 PreconditionFailed',
    rgw: 'ok',
    why: 'Ceph 16 and 18 ignore If-None-Match where a bucket is versioned: nothing is lost, for the old version stays, but a race has no loser.',
  },
  'checksum-given-back': {
    aws: 'given',
    rgw: 'absent',
    why: 'Ceph 16 knows nothing of the additional checksums and takes their headers for strangers.',
  },
  'checksum-wrong': {
    aws: '400 BadDigest',
    rgw: 'ok',
    why: 'As checksum-given-back: not verified. Content-MD5 is, and so is the signed SHA-256.',
  },
  'checksum-trailer': {
    aws: 'ok',
    rgw: '411 MissingContentLength',
    why: 'Ceph 16 does not know STREAMING-UNSIGNED-PAYLOAD-TRAILER, the default of SDKs for streams. Send buffers, or WHEN_REQUIRED.',
  },
  'part-copy-beyond-end': {
    aws: '400 InvalidArgument',
    rgw: '416 InvalidRange',
    why: 'Both refuse a range past the source’s end. AWS documents InvalidArgument here, unlike for a GET.',
  },
  'part-number-limit': {
    aws: '400 InvalidArgument',
    rgw: 'ok',
    why: 'AWS takes parts 1 to 10,000. Ceph 16 takes more: an upload planned so would fail elsewhere.',
  },
  'part-number-zero': {
    aws: '400 InvalidArgument',
    rgw: 'ok',
    why: 'As part-number-limit.',
  },
  'complete-order': {
    aws: '400 InvalidPartOrder',
    rgw: 'ok',
    why: 'AWS wants the parts in ascending order. Ceph 16 puts them in order itself.',
  },
  'checksum-trailer-with-length': {
    aws: 'ok',
    rgw: '400 XAmzContentSHA256Mismatch',
    why: 'As checksum-trailer, with a Content-Length: Ceph 16 takes the name of the scheme for the hash of the body.',
  },
  'checksum-trailer-wrong': {
    aws: '400 BadDigest',
    rgw: '400 XAmzContentSHA256Mismatch',
    why: 'As checksum-trailer-with-length: refused, but for the scheme and not for the checksum.',
  },
} satisfies Record<string, Difference>

export type DifferenceName = keyof typeof DIFFERENCES

/** Other versions of Ceph may have mended it, and an unknown endpoint is only compared with AWS. */
export function expectDifference(target: Target, name: DifferenceName, actual: string): void {
  const { aws, rgw, why }: Difference = DIFFERENCES[name]
  const isCeph16 = target.name === 'rgw' && target.version.startsWith('16.')
  if (target.name === 'rgw' && !isCeph16) expect([aws, rgw], why).toContain(actual)
  else expect(actual, why).toBe(isCeph16 ? rgw : aws)
}
