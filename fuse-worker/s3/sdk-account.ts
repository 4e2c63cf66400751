/**
 * What is asked of a service about an account and a bucket rather than about objects: which buckets there are, what a bucket
 * is set to, and the few raw calls the probe needs beyond the ObjectStore port. Throws StoreError only.
 */
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { Capabilities } from '../../contracts/account.ts'
import { decodeListedKey } from './header-text.ts'
import { createSdkClient } from './sdk-client.ts'
import type { SdkClientOptions } from './sdk-client.ts'
import { copySourceHeader, etagInForm } from './sdk-shapes.ts'
import type { ETagForm } from './sdk-shapes.ts'
import { NotS3Error } from './store-errors.ts'
import { StoreError } from './store.ts'
import type { CallOptions, ETag } from './store.ts'

export interface AccountClient {
  /** Names in the order the service gives them. */
  listBuckets(call?: CallOptions): Promise<string[]>
  /** Throws `bucket-unknown`, `access-denied` or `region-wrong`; a HEAD, so without more words than that. */
  headBucket(bucket: string, call?: CallOptions): Promise<void>
  versioning(bucket: string, call?: CallOptions): Promise<Capabilities['versioning']>
  objectLock(bucket: string, call?: CallOptions): Promise<Capabilities['objectLock']>
  /** A write whose checksum header is right or wrong on purpose. */
  putWithChecksum(bucket: string, key: string, body: Uint8Array, crc32Base64: string, call?: CallOptions): Promise<void>
  /** A part copied whole: Amazon takes ranges only of sources over 5 MiB. */
  copyWholePart(
    bucket: string,
    upload: { key: string; uploadId: string },
    source: { key: string; etag: ETag; form: ETagForm },
    call?: CallOptions,
  ): Promise<void>
  /** Deletes every version and delete marker below a prefix; returns the keys of which something is left. */
  removeVersions(bucket: string, prefix: string, call?: CallOptions): Promise<string[]>
  /** Server clock minus local clock, as of the last answer. */
  clockOffsetMs(): number | undefined
  close(): void
}

export function createAccountClient(options: SdkClientOptions): AccountClient {
  const sdk = createSdkClient(options)

  return {
    listBuckets: (call) =>
      sdk.send({ operation: 'ListBuckets', access: 'account', signal: call?.signal }, async (client, sending) => {
        const output = await client.send(new ListBucketsCommand({}), sending)
        if (output.Buckets === undefined && output.Owner === undefined)
          throw new NotS3Error('the answer lists no buckets')
        return (output.Buckets ?? []).flatMap(({ Name }) => (Name === undefined ? [] : [Name]))
      }),

    headBucket: (bucket, call) =>
      sdk.send({ operation: 'HeadBucket', access: 'list', bucket, signal: call?.signal }, async (client, sending) => {
        await client.send(new HeadBucketCommand({ Bucket: bucket }), sending)
      }),

    versioning: (bucket, call) =>
      unknownIfRefused(
        sdk.send(
          { operation: 'GetBucketVersioning', access: 'read', bucket, signal: call?.signal },
          async (client, sending) => {
            const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }), sending)
            return Status === 'Enabled' ? 'enabled' : Status === 'Suspended' ? 'suspended' : 'off'
          },
        ),
      ),

    objectLock: (bucket, call) =>
      unknownIfRefused(
        sdk.send(
          { operation: 'GetObjectLock', access: 'read', bucket, signal: call?.signal },
          async (client, sending) => {
            try {
              const output = await client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }), sending)
              return output.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled' ? 'enabled' : 'off'
            } catch (error) {
              if (error instanceof Error && error.name === 'ObjectLockConfigurationNotFoundError') return 'off'
              throw error
            }
          },
        ),
      ),

    putWithChecksum: (bucket, key, body, crc32Base64, call) =>
      sdk.send(
        { operation: 'PutObject', access: 'write', bucket, key, signal: call?.signal },
        async (client, sending) => {
          const checksum = { ChecksumAlgorithm: 'CRC32' as const, ChecksumCRC32: crc32Base64 }
          await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...checksum }), sending)
        },
      ),

    copyWholePart: (bucket, upload, source, call) =>
      sdk.send(
        { operation: 'UploadPartCopy', access: 'write', bucket, key: upload.key, signal: call?.signal },
        async (client, sending) => {
          const input = {
            Bucket: bucket,
            Key: upload.key,
            UploadId: upload.uploadId,
            PartNumber: 1,
            CopySource: copySourceHeader(bucket, source),
            CopySourceIfMatch: etagInForm(source.etag, source.form),
          }
          await client.send(new UploadPartCopyCommand(input), sending)
        },
      ),

    removeVersions: (bucket, prefix, call) =>
      sdk.send(
        { operation: 'ListObjectVersions', access: 'write', bucket, signal: call?.signal },
        async (client, sending) => {
          const input = { Bucket: bucket, Prefix: prefix, EncodingType: 'url' as const }
          const page = await client.send(new ListObjectVersionsCommand(input), sending)
          const decode = (text: string): string => (page.EncodingType === 'url' ? decodeListedKey(text) : text)
          const left = new Set<string>()
          for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
            if (Key === undefined || !decode(Key).startsWith(prefix)) continue
            const one = { Bucket: bucket, Key: decode(Key), VersionId }
            await client.send(new DeleteObjectCommand(one), sending).catch(() => left.add(decode(Key)))
          }
          return [...left]
        },
      ),

    clockOffsetMs: () => sdk.clockOffsetMs(),
    close: () => sdk.close(),
  }
}

/** Keys that may not read a setting, and services that do not have it, leave it unknown; anything else is an error. */
async function unknownIfRefused<T>(asked: Promise<T>): Promise<T | 'unknown'> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof StoreError && error.kind !== 'offline' && error.kind !== 'cancelled') return 'unknown'
    throw error
  }
}
