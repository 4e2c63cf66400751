/**
 * Encryption by the service, as far as a client can see it: which algorithm and which key were asked for, and an ETag that is no
 * digest of the content where it is a key of the key management. The bytes themselves are stored as they came.
 */
import { randomBytes } from 'node:crypto'
import { s3Error } from '../errors.ts'
import { header, type AnswerHeaders, type Exchange } from '../exchange.ts'
import type { Encryption } from '../storage/model.ts'

const ALGORITHM = 'x-amz-server-side-encryption'
const KEY_ID = 'x-amz-server-side-encryption-aws-kms-key-id'
const BUCKET_KEY = 'x-amz-server-side-encryption-bucket-key-enabled'

/** The account's own key, made the first time one is needed and none is named. */
const OWN_KEY = 'arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000'

export function readEncryption(exchange: Exchange): Encryption {
  const algorithm = header(exchange, ALGORITHM) ?? 'AES256'
  const keyId = header(exchange, KEY_ID)
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse')
    throw s3Error('InvalidEncryptionAlgorithmError')
  if (algorithm === 'AES256') {
    if (keyId === undefined) return { algorithm }
    throw s3Error('InvalidArgument', {
      message:
        'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
    })
  }
  return { algorithm, keyId: keyId ?? OWN_KEY, hasBucketKey: header(exchange, BUCKET_KEY) === 'true' }
}

export function encryptionHeaders(
  { algorithm, keyId, hasBucketKey }: Encryption = { algorithm: 'AES256' },
): AnswerHeaders {
  return { [ALGORITHM]: algorithm, [KEY_ID]: keyId, [BUCKET_KEY]: hasBucketKey === true ? 'true' : undefined }
}

/** 32 digits in hexadecimal all the same, so that it looks like a digest. */
export function etagFor(encryption: Encryption | undefined, digest: string): string {
  return hasPlainETag(encryption) ? digest : randomBytes(16).toString('hex')
}

export const hasPlainETag = (encryption: Encryption | undefined): boolean =>
  encryption === undefined || encryption.algorithm === 'AES256'
