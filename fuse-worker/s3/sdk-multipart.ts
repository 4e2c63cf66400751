/**
 * The multipart half of the ObjectStore port on the SDK. Parts are immutable and private to their upload, so that only
 * its completion is conditional.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { ListMultipartUploadsCommandInput } from '@aws-sdk/client-s3'
import { decodeListedKey, normalizeETag } from './header-text.ts'
import {
  attributesInput,
  conditionInput,
  copySourceHeader,
  customaryETag,
  etagInForm,
  versionFrom,
} from './sdk-shapes.ts'
import { isAbsence, lostBase, serverWorkIdleMs } from './sdk-outcomes.ts'
import type { BucketCalls } from './sdk-outcomes.ts'
import { NotS3Error } from './store-errors.ts'
import type { ObjectStore, UploadedPart } from './store.ts'

export type MultipartCalls = Pick<
  ObjectStore,
  | 'createMultipartUpload'
  | 'uploadPart'
  | 'uploadPartCopy'
  | 'listParts'
  | 'completeMultipartUpload'
  | 'abortMultipartUpload'
  | 'listMultipartUploads'
>

export function multipartCalls(
  { sdk, bucket: Bucket, form, attempt }: BucketCalls,
  headOf: ObjectStore['head'],
): MultipartCalls {
  return {
    createMultipartUpload: (key, attributes, call) =>
      sdk.send(attempt('CreateMultipartUpload', 'write', key, call), async (client, sending) => {
        const input = { Bucket, Key: key, ...attributesInput(attributes) }
        const { UploadId } = await client.send(new CreateMultipartUploadCommand(input), sending)
        if (UploadId === undefined) throw new NotS3Error('the answer names no upload')
        return UploadId
      }),

    uploadPart(key, uploadId, partNumber, body, call) {
      if (call) sdk.watch(body, call)
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
          CopySource: copySourceHeader(Bucket, source),
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
      lostBase(condition?.kind === 'version', { bucket: Bucket, name: key }, async () => {
        const trying = attempt('CompleteMultipartUpload', 'write', key, call, serverWorkIdleMs)
        const output = await sdk.send(trying, (client, sending) => {
          const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }))
          const upload = { Bucket, Key: key, UploadId: uploadId, MultipartUpload: { Parts } }
          const input = { ...upload, ...conditionInput(condition, form) }
          return client.send(new CompleteMultipartUploadCommand(input), sending)
        })
        if (output.ETag) return versionFrom(output)
        const head = await headOf(key, call)
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
  }
}
