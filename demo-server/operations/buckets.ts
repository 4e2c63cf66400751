/** What is asked of buckets themselves. */
import { isAllowed } from '../auth/permissions.ts'
import { receiveDocument } from '../body/receive.ts'
import { s3Error } from '../errors.ts'
import { answer, answerXml, bucketOf, header, isoTime, type Exchange } from '../exchange.ts'
import type { BucketSettings } from '../storage/model.ts'
import { childText, element, parseXml } from '../xml.ts'
import { ownerXml } from './list-objects.ts'
import { placeOf } from './versions.ts'

const DEFAULT_REGION = 'us-east-1'

function regionOf(exchange: Exchange): string {
  return exchange.server.settings.region ?? DEFAULT_REGION
}

/** Only those the caller may touch: AWS would list all of the account, but has no users bound to single buckets by name. */
export function listBuckets(exchange: Exchange): void {
  const buckets = [...exchange.server.storage.buckets.values()]
    .filter((bucket) => isAllowed(exchange.caller.user, 'list-buckets', placeOf(bucket)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, settings }) =>
        `<Bucket>${element('Name', name)}${element('CreationDate', isoTime(settings.createdMs))}</Bucket>`,
    )
  answerXml(exchange, 'ListAllMyBucketsResult', `${ownerXml()}<Buckets>${buckets.join('')}</Buckets>`)
}

export function headBucket(exchange: Exchange): void {
  bucketOf(exchange)
  answer(exchange, 200, { 'x-amz-bucket-region': regionOf(exchange), 'Content-Type': 'application/xml' })
}

export function newBucketSettings(
  nowMs: number,
  options: { versioning?: boolean | undefined; objectLock?: boolean | undefined; anonymousRead?: boolean | undefined },
): BucketSettings {
  return {
    createdMs: nowMs,
    versioning: options.versioning === true || options.objectLock === true ? 'Enabled' : 'off',
    objectLock: options.objectLock ?? false,
    anonymousRead: options.anonymousRead ?? false,
  }
}

export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name) && !/^\d+(\.\d+){3}$/.test(name)
}

export async function createBucket(exchange: Exchange): Promise<void> {
  const { storage, settings } = exchange.server
  const name = exchange.target.bucket ?? ''
  if (!isBucketName(name)) throw s3Error('InvalidBucketName', { fields: { BucketName: name } })
  if (Number(header(exchange, 'content-length') ?? 0) > 0) parseXml(await receiveDocument(exchange))
  // In us-east-1, and only there, AWS answers 200 to the owner's second attempt.
  if (storage.buckets.has(name)) {
    if (regionOf(exchange) !== DEFAULT_REGION)
      throw s3Error('BucketAlreadyOwnedByYou', { fields: { BucketName: name } })
  } else {
    const objectLock = header(exchange, 'x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true'
    if (objectLock && settings.quirks.noVersioning === true) throw s3Error('NotImplemented')
    await storage.createBucket(name, newBucketSettings(exchange.server.nowMs(), { objectLock }))
  }
  answer(exchange, 200, { Location: `/${name}` })
}

export async function deleteBucket(exchange: Exchange): Promise<void> {
  await exchange.server.storage.removeBucket(bucketOf(exchange))
  answer(exchange, 204)
}

export function getBucketLocation(exchange: Exchange): void {
  bucketOf(exchange)
  const region = regionOf(exchange)
  answerXml(exchange, 'LocationConstraint', region === DEFAULT_REGION ? '' : region)
}

export function getBucketVersioning(exchange: Exchange): void {
  const { versioning } = bucketOf(exchange).settings
  answerXml(exchange, 'VersioningConfiguration', versioning === 'off' ? '' : element('Status', versioning))
}

export async function putBucketVersioning(exchange: Exchange): Promise<void> {
  if (exchange.server.settings.quirks.noVersioning === true) throw s3Error('NotImplemented')
  const bucket = bucketOf(exchange)
  const status = childText(parseXml(await receiveDocument(exchange)), 'Status')
  if (status !== 'Enabled' && status !== 'Suspended') throw s3Error('MalformedXML')
  if (status === 'Suspended' && bucket.settings.objectLock) {
    throw s3Error('InvalidBucketState', {
      message: 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    })
  }
  await bucket.saveSettings({ versioning: status })
  answer(exchange, 200)
}
