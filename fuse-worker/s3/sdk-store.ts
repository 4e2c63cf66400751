/**
 * The ObjectStore port on @aws-sdk/client-s3. With sdk-client, sdk-shapes and sdk-account the only importer of the SDK.
 * What it adds to the SDK's calls: conditions in the form this endpoint understands, absence as a value only where the
 * answer proves it, and large copies in parts.
 */
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { GetObjectCommandOutput, ListMultipartUploadsCommandInput } from '@aws-sdk/client-s3'
import type { Capabilities } from '../../contracts/account.ts'
import { decodeListedKey, normalizeETag } from './header-text.ts'
import { createSdkClient } from './sdk-client.ts'
import type { Attempt, SdkClient, SdkClientOptions } from './sdk-client.ts'
import { copyInParts } from './sdk-copy.ts'
import { createHeadWitness } from './sdk-head.ts'
import {
  attributesInput,
  conditionInput,
  copySourceHeader,
  customaryETag,
  etagInForm,
  headFrom,
  pageFrom,
  versionFrom,
  wholeSize,
} from './sdk-shapes.ts'
import type { ErrorContext } from './store-errors.ts'
import { NotS3Error } from './store-errors.ts'
import { StoreError } from './store.ts'
import type { CallOptions, ObjectStore, UploadedPart } from './store.ts'

export type ObjectStoreOptions = SdkClientOptions & {
  bucket: string
  capabilities?: Pick<Capabilities, 'ifMatchForm'>
  /** Above this a copy is made in parts; S3 itself allows 5 GiB in one request. */
  copyInPartsAboveBytes?: number
  copyPartBytes?: number
}

const mebibyte = 1024 * 1024
/** One server-side step may be silent while the server works; still well under a minute. */
const serverWorkIdleMs = 40_000
/** Small enough to be copied within `serverWorkIdleMs` by a server that says nothing meanwhile. */
const defaultCopyInPartsAboveBytes = 1024 * mebibyte
const defaultCopyPartBytes = 256 * mebibyte

export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const sdk = createSdkClient(options)
  return storeOn(sdk, options)
}

function storeOn(sdk: SdkClient, options: ObjectStoreOptions): ObjectStore {
  const Bucket = options.bucket
  const form = options.capabilities?.ifMatchForm ?? 'quoted'
  const attempt = (
    operation: string,
    access: ErrorContext['access'],
    key: string | undefined,
    call: CallOptions | undefined,
    idleMs?: number,
  ): Attempt => ({
    operation,
    access,
    bucket: Bucket,
    key,
    signal: call?.signal,
    ...(idleMs === undefined ? {} : { idleMs }),
  })
  const witness = createHeadWitness({ sdk, bucket: Bucket })

  const store: ObjectStore = {
    head: (key, call) =>
      witness.head(key, call?.signal, () =>
        sdk.send(attempt('HeadObject', 'read', key, call), async (client, sending) => {
          const output = await client.send(new HeadObjectCommand({ Bucket, Key: key }), sending)
          return headFrom(output, output.ContentLength ?? 0)
        }),
      ),

    list: (query, call) =>
      sdk.send(attempt('ListObjectsV2', 'list', undefined, call), async (client, sending) => {
        const input = {
          Bucket,
          Prefix: query.prefix,
          EncodingType: 'url' as const,
          Delimiter: query.delimiter,
          StartAfter: query.continuationToken === undefined ? query.startAfter : undefined,
          ContinuationToken: query.continuationToken,
          MaxKeys: query.maxKeys,
        }
        const page = pageFrom(await client.send(new ListObjectsV2Command(input), sending))
        witness.sawBucket()
        return page
      }),

    async get(key, query, call) {
      const trying = attempt('GetObject', 'read', key, call)
      const read = (withRange: boolean): Promise<GetObjectCommandOutput> =>
        sdk.send(trying, (client, sending) => {
          const Range = withRange && query.range ? `bytes=${query.range.start}-${query.range.end - 1}` : undefined
          const IfMatch = query.ifMatch === undefined ? undefined : etagInForm(query.ifMatch, form)
          return client.send(new GetObjectCommand({ Bucket, Key: key, Range, IfMatch }), sending)
        })
      // An empty object has no first byte: asked for a range from 0, S3 answers that there is none.
      const output = await read(true).catch((error: unknown) => {
        if (query.range?.start === 0 && isInvalidRange(error)) return read(false)
        throw error
      })
      try {
        const head = headFrom(output, wholeSize(output))
        // The answer names its version: an endpoint that ignores the condition is seen through at no cost.
        if (query.ifMatch !== undefined && head.etag !== query.ifMatch) throw preconditionFailed()
        return { head, body: bodyOf(output, sdk, trying) }
      } catch (error) {
        ;(output.Body as Readable | undefined)?.destroy()
        throw sdk.errorFrom(error, trying)
      }
    },

    put(key, body, attributes, condition, call) {
      if (call?.onProgress) sdk.watch(body, call.onProgress)
      return lostBase(condition?.kind === 'version', () =>
        sdk.send(attempt('PutObject', 'write', key, call), async (client, sending) => {
          const input = { ...attributesInput(attributes), ...conditionInput(condition, form) }
          return versionFrom(
            await client.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ...input }), sending),
          )
        }),
      )
    },

    copy(source, targetKey, attributes, condition, call) {
      if (source.sizeBytes > (options.copyInPartsAboveBytes ?? defaultCopyInPartsAboveBytes))
        return copyInParts(store, options.copyPartBytes ?? defaultCopyPartBytes, {
          source,
          targetKey,
          attributes,
          condition,
          signal: call?.signal,
        })
      return sdk.send(attempt('CopyObject', 'write', targetKey, call, serverWorkIdleMs), async (client, sending) => {
        const input = {
          Bucket,
          Key: targetKey,
          CopySource: copySourceHeader(Bucket, source.key),
          CopySourceIfMatch: etagInForm(source.etag, form),
          MetadataDirective: 'REPLACE' as const,
          ...attributesInput(attributes),
          ...conditionInput(condition, form),
        }
        const output = await client.send(new CopyObjectCommand(input), sending)
        return versionFrom({ ETag: output.CopyObjectResult?.ETag, VersionId: output.VersionId })
      })
    },

    async delete(key, query, call) {
      try {
        await sdk.send(attempt('DeleteObject', 'write', key, call), (client, sending) => {
          const IfMatch = query.ifMatch === undefined ? undefined : etagInForm(query.ifMatch, form)
          return client.send(new DeleteObjectCommand({ Bucket, Key: key, IfMatch }), sending)
        })
      } catch (error) {
        if (!isAbsence(error)) throw error
      }
    },

    createMultipartUpload: (key, attributes, call) =>
      sdk.send(attempt('CreateMultipartUpload', 'write', key, call), async (client, sending) => {
        const input = { Bucket, Key: key, ...attributesInput(attributes) }
        const { UploadId } = await client.send(new CreateMultipartUploadCommand(input), sending)
        if (UploadId === undefined) throw new NotS3Error('the answer names no upload')
        return UploadId
      }),

    uploadPart(key, uploadId, partNumber, body, call) {
      if (call?.onProgress) sdk.watch(body, call.onProgress)
      return sdk.send(attempt('UploadPart', 'write', key, call), async (client, sending) => {
        const input = { Bucket, Key: key, UploadId: uploadId, PartNumber: partNumber, Body: body }
        const { etag } = versionFrom(await client.send(new UploadPartCommand(input), sending))
        return { partNumber, etag, sizeBytes: body.byteLength }
      })
    },

    uploadPartCopy: (key, uploadId, partNumber, source, call) =>
      sdk.send(attempt('UploadPartCopy', 'write', key, call, serverWorkIdleMs), async (client, sending) => {
        const input = {
          Bucket,
          Key: key,
          UploadId: uploadId,
          PartNumber: partNumber,
          CopySource: copySourceHeader(Bucket, source.key),
          CopySourceIfMatch: etagInForm(source.etag, form),
          CopySourceRange: `bytes=${source.range.start}-${source.range.end - 1}`,
        }
        const output = await client.send(new UploadPartCopyCommand(input), sending)
        const { etag } = versionFrom({ ETag: output.CopyPartResult?.ETag })
        return { partNumber, etag, sizeBytes: source.range.end - source.range.start }
      }),

    async listParts(key, uploadId, call) {
      const parts: UploadedPart[] = []
      let marker: string | undefined
      do {
        const input = { Bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }
        const page = await sdk.send(attempt('ListParts', 'write', key, call), (client, sending) =>
          client.send(new ListPartsCommand(input), sending),
        )
        for (const { PartNumber, ETag, Size } of page.Parts ?? [])
          if (PartNumber !== undefined && ETag !== undefined)
            parts.push({
              partNumber: PartNumber,
              etag: normalizeETag(ETag),
              ...(Size === undefined ? {} : { sizeBytes: Size }),
            })
        marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined
      } while (marker !== undefined)
      return parts
    },

    completeMultipartUpload: (key, uploadId, parts, condition, call) =>
      lostBase(condition?.kind === 'version', async () => {
        const trying = attempt('CompleteMultipartUpload', 'write', key, call, serverWorkIdleMs)
        const output = await sdk.send(trying, (client, sending) => {
          const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }))
          const upload = { Bucket, Key: key, UploadId: uploadId, MultipartUpload: { Parts } }
          const input = { ...upload, ...conditionInput(condition, form) }
          return client.send(new CompleteMultipartUploadCommand(input), sending)
        })
        if (output.ETag) return versionFrom(output)
        const head = await store.head(key, call)
        if (head?.etag === customaryETag(parts)) return versionFrom({ ETag: head.etag, VersionId: head.versionId })
        // Whose version that is cannot be told here; who tries again finds the upload gone and looks at the object.
        throw sdk.errorFrom(new Error('the upload was completed without an ETag'), trying)
      }),

    async abortMultipartUpload(key, uploadId, call) {
      try {
        await sdk.send(attempt('AbortMultipartUpload', 'write', key, call), (client, sending) =>
          client.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId: uploadId }), sending),
        )
      } catch (error) {
        if (!isAbsence(error)) throw error
      }
    },

    async listMultipartUploads(prefix, call) {
      const uploads: { key: string; uploadId: string; initiatedMs: number }[] = []
      let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {}
      while (from !== undefined) {
        const input: ListMultipartUploadsCommandInput = { Bucket, Prefix: prefix, EncodingType: 'url', ...from }
        const page = await sdk.send(attempt('ListMultipartUploads', 'list', undefined, call), (client, sending) =>
          client.send(new ListMultipartUploadsCommand(input), sending),
        )
        const decode = (text: string): string => (page.EncodingType === 'url' ? decodeListedKey(text) : text)
        for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
          if (Key !== undefined && UploadId !== undefined)
            uploads.push({ key: decode(Key), uploadId: UploadId, initiatedMs: Initiated?.getTime() ?? 0 })
        const hasMore = page.IsTruncated === true && page.NextKeyMarker !== undefined
        from = hasMore
          ? { KeyMarker: decode(page.NextKeyMarker ?? ''), UploadIdMarker: page.NextUploadIdMarker }
          : undefined
      }
      return uploads
    },

    close: () => sdk.close(),
  }
  return store
}

/** A body that breaks off in the middle throws a StoreError too, and a reader that stops early frees the socket. */
async function* bodyOf(output: GetObjectCommandOutput, sdk: SdkClient, trying: Attempt): AsyncGenerator<Uint8Array> {
  const body = output.Body as Readable | undefined
  if (body === undefined) return
  let seen = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      seen += chunk.byteLength
      yield chunk
    }
  } catch (error) {
    throw sdk.errorFrom(error, trying)
  }
  if (output.ContentLength !== undefined && seen !== output.ContentLength) {
    const error = Object.assign(new Error('the body ended early'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
    throw sdk.errorFrom(error, trying)
  }
}

const preconditionFailed = (): Error =>
  Object.assign(new Error('the answer is of another version'), { name: 'PreconditionFailed' })

const s3CodeOf = (error: unknown): string | undefined => {
  const cause = error instanceof StoreError ? error.cause : undefined
  return cause instanceof Error ? cause.name : undefined
}
const isInvalidRange = (error: unknown): boolean => s3CodeOf(error) === 'InvalidRange'
const isAbsence = (error: unknown): boolean => error instanceof StoreError && error.kind === 'absent'

/** A write on a base that is gone is a conflict like any other: the key is not at the version the caller said. */
async function lostBase<T>(hasBase: boolean, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!hasBase || !isAbsence(error) || s3CodeOf(error) === 'NoSuchUpload') throw error
    const { problem } = error as StoreError
    const message = problem.message.replace('is not in', 'was deleted from')
    throw new StoreError('conflict', { ...problem, code: 'conflict', message }, { cause: error })
  }
}
