/** From method, path and sub-resource to the operation, and what a caller must be allowed to do for it. */
import type { Permission } from './auth/permissions.ts'
import { s3Error, type S3ErrorCode } from './errors.ts'
import { bucketOf, type Exchange } from './exchange.ts'
import * as buckets from './operations/buckets.ts'
import { copyObject, uploadPartCopy } from './operations/copy.ts'
import { listObjectVersions, listObjectsV1, listObjectsV2 } from './operations/list-objects.ts'
import { listMultipartUploads, listParts } from './operations/list-uploads.ts'
import * as multipart from './operations/multipart.ts'
import * as lock from './operations/object-lock.ts'
import { getObject, headObject } from './operations/read-object.ts'
import { deleteObject, deleteObjects, putObject } from './operations/write-object.ts'
import type { Target } from './target.ts'

export type Operation = {
  name: string
  permission: Permission
  run: (exchange: Exchange) => void | Promise<void>
}

function operation(name: string, permission: Permission, run: Operation['run']): Operation {
  return { name, permission, run }
}

/** Bucket sub-resources that nobody has set here. */
const UNSET: Record<string, S3ErrorCode> = {
  policy: 'NoSuchBucketPolicy',
  cors: 'NoSuchCORSConfiguration',
  lifecycle: 'NoSuchLifecycleConfiguration',
  tagging: 'NoSuchTagSet',
  encryption: 'ServerSideEncryptionConfigurationNotFoundError',
}

const OTHER_SUB_RESOURCES = [
  ...Object.keys(UNSET),
  'acl',
  'accelerate',
  'analytics',
  'attributes',
  'inventory',
  'intelligent-tiering',
  'logging',
  'metrics',
  'notification',
  'ownershipControls',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'select',
  'torrent',
  'website',
]

type HasHeader = (name: string) => boolean

export function route(method: string, target: Target, hasHeader: HasHeader): Operation {
  const { bucket, key, query } = target
  if (bucket === undefined) {
    if (method === 'GET') return operation('ListBuckets', 'list-buckets', buckets.listBuckets)
    throw s3Error('MethodNotAllowed')
  }
  const other = OTHER_SUB_RESOURCES.find((name) => query.has(name))
  if (other !== undefined) return refusal(method, key, other)
  const found = key === undefined ? bucketOperation(method, query) : objectOperation(method, query, hasHeader)
  if (!found) throw s3Error('MethodNotAllowed')
  return found
}

function refusal(method: string, key: string | undefined, subResource: string): Operation {
  const code = method === 'GET' && key === undefined ? UNSET[subResource] : undefined
  return operation(`Unsupported:${subResource}`, 'read', (exchange) => {
    bucketOf(exchange)
    throw s3Error(code ?? 'NotImplemented')
  })
}

type Query = Target['query']

function bucketOperation(method: string, query: Query): Operation | undefined {
  switch (method) {
    case 'HEAD':
      return operation('HeadBucket', 'list', buckets.headBucket)
    case 'GET':
      return bucketRead(query)
    case 'PUT':
      if (query.has('versioning')) return operation('PutBucketVersioning', 'configure', buckets.putBucketVersioning)
      if (query.has('object-lock')) {
        return operation('PutObjectLockConfiguration', 'configure', lock.putObjectLockConfiguration)
      }
      return operation('CreateBucket', 'configure', buckets.createBucket)
    case 'DELETE':
      return operation('DeleteBucket', 'configure', buckets.deleteBucket)
    case 'POST':
      return query.has('delete') ? operation('DeleteObjects', 'delete', deleteObjects) : undefined
    default:
      return undefined
  }
}

function bucketRead(query: Query): Operation {
  if (query.has('location')) return operation('GetBucketLocation', 'list', buckets.getBucketLocation)
  if (query.has('versioning')) return operation('GetBucketVersioning', 'list', buckets.getBucketVersioning)
  if (query.has('object-lock')) return operation('GetObjectLockConfiguration', 'list', lock.getObjectLockConfiguration)
  if (query.has('uploads')) return operation('ListMultipartUploads', 'list', listMultipartUploads)
  if (query.has('versions')) return operation('ListObjectVersions', 'list', listObjectVersions)
  if (query.get('list-type') === '2') return operation('ListObjectsV2', 'list', listObjectsV2)
  return operation('ListObjects', 'list', listObjectsV1)
}

function objectOperation(method: string, query: Query, hasHeader: HasHeader): Operation | undefined {
  switch (method) {
    case 'HEAD':
      return operation('HeadObject', 'read', headObject)
    case 'GET':
      if (query.has('uploadId')) return operation('ListParts', 'read', listParts)
      if (query.has('retention')) return operation('GetObjectRetention', 'read', lock.getObjectRetention)
      if (query.has('legal-hold')) return operation('GetObjectLegalHold', 'read', lock.getObjectLegalHold)
      return operation('GetObject', 'read', getObject)
    case 'PUT':
      return objectWrite(query, hasHeader)
    case 'POST':
      if (query.has('uploads')) return operation('CreateMultipartUpload', 'write', multipart.createMultipartUpload)
      if (query.has('uploadId')) return operation('CompleteMultipartUpload', 'write', multipart.completeMultipartUpload)
      return undefined
    case 'DELETE':
      if (query.has('uploadId')) return operation('AbortMultipartUpload', 'write', multipart.abortMultipartUpload)
      return operation('DeleteObject', 'delete', deleteObject)
    default:
      return undefined
  }
}

function objectWrite(query: Query, hasHeader: HasHeader): Operation {
  if (query.has('retention')) return operation('PutObjectRetention', 'write', lock.putObjectRetention)
  if (query.has('legal-hold')) return operation('PutObjectLegalHold', 'write', lock.putObjectLegalHold)
  const isCopy = hasHeader('x-amz-copy-source')
  if (query.has('uploadId')) {
    return isCopy
      ? operation('UploadPartCopy', 'write', uploadPartCopy)
      : operation('UploadPart', 'write', multipart.uploadPart)
  }
  return isCopy ? operation('CopyObject', 'write', copyObject) : operation('PutObject', 'write', putObject)
}
