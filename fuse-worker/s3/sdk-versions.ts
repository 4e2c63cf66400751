/**
 * The history a bucket keeps, on the SDK. The SDK gives contents and deletions as two lists, each in order; the order
 * between them is lost on the way and is put together again by time here, with the current one first.
 */
import {
  GetBucketVersioningCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3'
import { decodeListedKey, normalizeETag } from './header-text.ts'
import { isAbsence, type BucketCalls } from './sdk-outcomes.ts'
import { headFrom } from './sdk-shapes.ts'
import { NotS3Error } from './store-errors.ts'
import { StoreError, type ObjectStore, type VersionListing, type VersionPage } from './store.ts'

type VersionCalls = Pick<ObjectStore, 'listVersions' | 'headVersion' | 'versioning'>

export function versionCalls({ sdk, bucket: Bucket, attempt }: BucketCalls): VersionCalls {
  return {
    listVersions: ({ prefix, after, maxKeys }, call) =>
      sdk.send(attempt('ListObjectVersions', 'list', undefined, call), async (client, sending) => {
        const input = {
          Bucket,
          Prefix: prefix,
          EncodingType: 'url' as const,
          KeyMarker: after?.key,
          VersionIdMarker: after?.versionId,
          MaxKeys: maxKeys,
        }
        return versionPageFrom(await client.send(new ListObjectVersionsCommand(input), sending))
      }),

    async headVersion(key, versionId, call) {
      try {
        return await sdk.send(attempt('HeadObjectVersion', 'read', key, call), async (client, sending) => {
          const input = { Bucket, Key: key, VersionId: versionId }
          const output = await client.send(new HeadObjectCommand(input), sending)
          return headFrom(output, output.ContentLength ?? 0)
        })
      } catch (error) {
        if (isAbsence(error) || isDeletion(error)) return undefined
        throw error
      }
    },

    async versioning(call) {
      try {
        return await sdk.send(attempt('GetBucketVersioning', 'list', undefined, call), async (client, sending) => {
          const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }), sending)
          return Status === 'Enabled' ? 'enabled' : Status === 'Suspended' ? 'suspended' : 'off'
        })
      } catch (error) {
        // Keys that may not ask, or a service that has never heard of it.
        if (error instanceof StoreError && (error.kind === 'blocked' || error.kind === 'invalid')) return 'unknown'
        throw error
      }
    },
  }
}

/** A deletion asked for by its id is 405. */
const isDeletion = (error: unknown): boolean =>
  error instanceof StoreError && /\bHTTP 405\b/.test(error.problem.detail ?? '')

export function versionPageFrom(output: ListObjectVersionsCommandOutput): VersionPage {
  if (output.Name === undefined && output.IsTruncated === undefined) throw new NotS3Error('the answer is no listing')
  const decode = output.EncodingType === 'url' ? decodeListedKey : (text: string): string => text
  const contents = (output.Versions ?? []).flatMap(({ Key, VersionId, IsLatest, ETag, Size, LastModified }) =>
    Key === undefined
      ? []
      : [
          {
            ...{ key: decode(Key), versionId: VersionId ?? 'null', kind: 'content' as const },
            ...{ isCurrent: IsLatest === true, etag: normalizeETag(ETag ?? '') },
            ...{ sizeBytes: Size ?? 0, lastModifiedMs: LastModified?.getTime() ?? 0 },
          },
        ],
  )
  const deletions = (output.DeleteMarkers ?? []).flatMap(({ Key, VersionId, IsLatest, LastModified }) =>
    Key === undefined
      ? []
      : [
          {
            ...{ key: decode(Key), versionId: VersionId ?? 'null', kind: 'deleted' as const },
            ...{ isCurrent: IsLatest === true, sizeBytes: 0, lastModifiedMs: LastModified?.getTime() ?? 0 },
          },
        ],
  )
  const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = output
  const versions = interleave(contents, deletions)
  if (IsTruncated !== true || NextKeyMarker === undefined) return { versions }
  const next = { key: decode(NextKeyMarker), ...(NextVersionIdMarker ? { versionId: NextVersionIdMarker } : {}) }
  return { versions, next }
}

/** Merges two lists that are each in the server's order, without changing the order within either. */
function interleave(contents: readonly VersionListing[], deletions: readonly VersionListing[]): VersionListing[] {
  const merged: VersionListing[] = []
  let [content, deletion] = [0, 0]
  for (;;) {
    const [one, other] = [contents[content], deletions[deletion]]
    if (one === undefined && other === undefined) return merged
    if (other === undefined || (one !== undefined && comesFirst(one, other))) {
      if (one !== undefined) merged.push(one)
      content++
    } else {
      merged.push(other)
      deletion++
    }
  }
}

function comesFirst(one: VersionListing, other: VersionListing): boolean {
  if (one.key !== other.key) return Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)) < 0
  if (one.isCurrent !== other.isCurrent) return one.isCurrent
  return one.lastModifiedMs > other.lastModifiedMs
}
