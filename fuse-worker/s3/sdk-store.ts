/**
 * The ObjectStore port on @aws-sdk/client-s3. With the other sdk-*.ts files the only importer of the SDK.
 * What it adds to the SDK's calls: conditions in the form this endpoint understands, absence as a value only where the
 * answer proves it, and large copies in parts.
 */
import type { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { Capabilities } from '../../contracts/account.ts'
import { createSdkClient } from './sdk-client.ts'
import type { Attempt, SdkClient, SdkClientOptions } from './sdk-client.ts'
import { canBePartSource, copyInParts, usualCopyPartBytes } from './sdk-copy.ts'
import { callsOf, isAbsence, isInvalidRange, lostBase, preconditionFailed, serverWorkIdleMs } from './sdk-outcomes.ts'
import { multipartCalls } from './sdk-multipart.ts'
import { createHeadWitness } from './sdk-head.ts'
import { versionCalls } from './sdk-versions.ts'
import {
  attributesInput,
  conditionInput,
  copySourceHeader,
  etagInForm,
  headFrom,
  pageFrom,
  versionFrom,
  wholeSize,
} from './sdk-shapes.ts'
import type { ObjectStore } from './store.ts'

export type ObjectStoreOptions = SdkClientOptions & {
  bucket: string
  capabilities?: Pick<Capabilities, 'ifMatchForm'>
  /** Above this a copy is made in parts; S3 itself allows 5 GiB in one request. */
  copyInPartsAboveBytes?: number
  copyPartBytes?: number
}

const mebibyte = 1024 * 1024
/** S3's own limit for one request. */
const mostCopyBytes = 5 * 1024 * mebibyte
const defaultCopyInPartsAboveBytes = 1024 * mebibyte

export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const sdk = createSdkClient(options)
  return storeOn(sdk, options)
}

function storeOn(sdk: SdkClient, options: ObjectStoreOptions): ObjectStore {
  const Bucket = options.bucket
  const calls = callsOf(sdk, Bucket, options.capabilities?.ifMatchForm ?? 'quoted')
  const { attempt, form } = calls
  const witness = createHeadWitness({ sdk, bucket: Bucket })

  const multipart = multipartCalls(calls, (key, call) => store.head(key, call))

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
      const { versionId: VersionId } = query
      const operation = VersionId === undefined ? 'GetObject' : 'GetObjectVersion'
      const trying = attempt(operation, 'read', key, call)
      const read = (withRange: boolean): Promise<GetObjectCommandOutput> =>
        sdk.send(trying, (client, sending) => {
          const Range = withRange && query.range ? `bytes=${query.range.start}-${query.range.end - 1}` : undefined
          const IfMatch = query.ifMatch === undefined ? undefined : etagInForm(query.ifMatch, form)
          return client.send(new GetObjectCommand({ Bucket, Key: key, VersionId, Range, IfMatch }), sending)
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
      if (call) sdk.watch(body, call)
      return lostBase(condition?.kind === 'version', { bucket: Bucket, name: key }, () =>
        sdk.send(attempt('PutObject', 'write', key, call), async (client, sending) => {
          const input = { ...attributesInput(attributes), ...conditionInput(condition, form) }
          return versionFrom(
            await client.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ...input }), sending),
          )
        }),
      )
    },

    copy(source, targetKey, attributes, condition, call) {
      const isOneRequest = source.sizeBytes <= mostCopyBytes && !canBePartSource(source.key)
      if (!isOneRequest && source.sizeBytes > (options.copyInPartsAboveBytes ?? defaultCopyInPartsAboveBytes))
        return copyInParts(multipart, options.copyPartBytes ?? usualCopyPartBytes, {
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
          CopySource: copySourceHeader(Bucket, source),
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

    ...multipart,
    ...versionCalls(calls),

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
