/** Finds the version a request means, or says in S3's way why there is none. */
import { isAllowed } from '../auth/permissions.ts'
import { s3Error } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { NULL_VERSION, type Bucket } from '../storage/bucket.ts'
import type { ObjectVersion } from '../storage/model.ts'

export function requireVersion(
  exchange: Exchange,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): ObjectVersion {
  return versionId === undefined ? requireCurrent(exchange, bucket, key) : requireNamed(bucket, key, versionId)
}

function requireCurrent(exchange: Exchange, bucket: Bucket, key: string): ObjectVersion {
  const newest = bucket.newest(key)
  if (newest && !newest.isDeleteMarker) return newest
  // Who may not list may not learn what is not there either.
  if (!isAllowed(exchange.caller.user, 'list', placeOf(bucket))) throw s3Error('AccessDenied')
  const headers = newest ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': newest.versionId } : {}
  throw s3Error('NoSuchKey', { fields: { Key: key }, headers })
}

function requireNamed(bucket: Bucket, key: string, versionId: string): ObjectVersion {
  const version = bucket.version(key, versionId)
  if (version?.isDeleteMarker === true) {
    throw s3Error('MethodNotAllowed', {
      headers: {
        Allow: 'DELETE',
        'x-amz-delete-marker': 'true',
        'x-amz-version-id': version.versionId,
        'Last-Modified': new Date(version.lastModifiedMs).toUTCString(),
      },
    })
  }
  if (version) return version
  if (versionId === NULL_VERSION || /^[\w-]{32}$/.test(versionId)) {
    throw s3Error('NoSuchVersion', { fields: { Key: key, VersionId: versionId } })
  }
  throw s3Error('InvalidArgument', {
    message: 'Invalid version id specified',
    fields: { ArgumentName: 'versionId', ArgumentValue: versionId },
  })
}

export function placeOf(bucket: Bucket): { name: string; anonymousRead: boolean } {
  return { name: bucket.name, anonymousRead: bucket.settings.anonymousRead }
}
