/** ListObjectsV2, its predecessor, and ListObjectVersions. */
import { s3Error } from '../errors.ts'
import { answerXml, bucketOf, isoTime, numberParameter, query, type Exchange } from '../exchange.ts'
import { MAX_PAGE_KEYS } from '../limits.ts'
import type { Bucket } from '../storage/bucket.ts'
import type { ObjectVersion } from '../storage/model.ts'
import { element } from '../xml.ts'
import { quoteETag } from './attributes.ts'
import { decodeToken, encodeToken, markerPosition, pageOf, type Position } from './paging.ts'

export function ownerXml(name = 'Owner'): string {
  return `<${name}>${element('ID', 'demo-owner')}${element('DisplayName', 'demo')}</${name}>`
}

type Common = {
  bucket: Bucket
  prefix: string
  delimiter: string
  maxKeys: number
  encode: (text: string) => string
  echo: string
}

export function listingParameters(exchange: Exchange, maxName: string): Common {
  const bucket = bucketOf(exchange)
  const prefix = query(exchange, 'prefix') ?? ''
  const delimiter = query(exchange, 'delimiter') ?? ''
  const encoding = query(exchange, 'encoding-type')
  if (encoding !== undefined && encoding !== 'url') {
    throw s3Error('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' })
  }
  const encode = encoding === 'url' ? encodeListed : (text: string): string => text
  const echo = [
    element('Prefix', encode(prefix)),
    delimiter === '' ? '' : element('Delimiter', encode(delimiter)),
    element('EncodingType', encoding),
  ]
  const maxKeys = numberParameter(exchange, maxName, MAX_PAGE_KEYS, 0, MAX_PAGE_KEYS)
  return { bucket, prefix, delimiter, maxKeys, encode, echo: echo.join('') }
}

/** As AWS does it: a form's encoding, with spaces as `+`, slashes kept. */
function encodeListed(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%2F/g, '/')
    .replace(/%20/g, '+')
}

export function prefixXml(name: string): string {
  return `<CommonPrefixes>${element('Prefix', name)}</CommonPrefixes>`
}

function contentXml(key: string, version: ObjectVersion, withOwner: boolean): string {
  const { checksum } = version
  return [
    '<Contents>',
    element('Key', key),
    element('LastModified', isoTime(version.lastModifiedMs)),
    element('ETag', quoteETag(version.etag)),
    checksum ? element('ChecksumAlgorithm', checksum.algorithm) + element('ChecksumType', checksum.type) : '',
    element('Size', version.sizeBytes),
    withOwner ? ownerXml() : '',
    element('StorageClass', version.storageClass),
    '</Contents>',
  ].join('')
}

function entriesXml(common: Common, entries: readonly Position[], withOwner: boolean): string {
  const { bucket, encode } = common
  const contents: string[] = []
  const prefixes: string[] = []
  for (const { kind, name } of entries) {
    const version = bucket.current(name)
    if (kind === 'prefix') prefixes.push(prefixXml(encode(name)))
    else if (version) contents.push(contentXml(encode(name), version, withOwner))
  }
  return contents.join('') + prefixes.join('')
}

export function listObjectsV2(exchange: Exchange): void {
  const common = listingParameters(exchange, 'max-keys')
  const { bucket, prefix, delimiter, maxKeys, encode } = common
  const token = query(exchange, 'continuation-token')
  const startAfter = query(exchange, 'start-after')
  const after = token === undefined ? startAfterPosition(startAfter) : decodeToken(token)
  if (token !== undefined && !after) {
    throw s3Error('InvalidArgument', { message: 'The continuation token provided is incorrect' })
  }
  const { entries, isTruncated } = pageOf(
    bucket.keys,
    { prefix, delimiter, after, maxEntries: maxKeys },
    (key) => bucket.current(key) !== undefined,
  )
  const last = entries[entries.length - 1]
  const inner = [
    element('Name', bucket.name),
    common.echo,
    element('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
    element('ContinuationToken', token),
    element('NextContinuationToken', isTruncated && last ? encodeToken(last) : undefined),
    element('KeyCount', entries.length),
    element('MaxKeys', maxKeys),
    element('IsTruncated', isTruncated),
    entriesXml(common, entries, query(exchange, 'fetch-owner') === 'true'),
  ]
  answerXml(exchange, 'ListBucketResult', inner.join(''))
}

function startAfterPosition(startAfter: string | undefined): Position | undefined {
  return startAfter === undefined || startAfter === '' ? undefined : { kind: 'key', name: startAfter }
}

export function listObjectsV1(exchange: Exchange): void {
  const common = listingParameters(exchange, 'max-keys')
  const { bucket, prefix, delimiter, maxKeys, encode } = common
  const marker = query(exchange, 'marker')
  const after = markerPosition(marker, prefix, delimiter)
  const { entries, isTruncated } = pageOf(
    bucket.keys,
    { prefix, delimiter, after, maxEntries: maxKeys },
    (key) => bucket.current(key) !== undefined,
  )
  const last = entries[entries.length - 1]
  const inner = [
    element('Name', bucket.name),
    common.echo,
    element('Marker', encode(marker ?? '')),
    // Without a delimiter clients take the last key.
    element('NextMarker', isTruncated && delimiter !== '' && last ? encode(last.name) : undefined),
    element('MaxKeys', maxKeys),
    element('IsTruncated', isTruncated),
    entriesXml(common, entries, true),
  ]
  answerXml(exchange, 'ListBucketResult', inner.join(''))
}

function versionXml(key: string, version: ObjectVersion, isLatest: boolean): string {
  const name = version.isDeleteMarker ? 'DeleteMarker' : 'Version'
  const content = version.isDeleteMarker
    ? ''
    : element('ETag', quoteETag(version.etag)) +
      element('Size', version.sizeBytes) +
      element('StorageClass', version.storageClass)
  return [
    `<${name}>`,
    element('Key', key),
    element('VersionId', version.versionId),
    element('IsLatest', isLatest),
    element('LastModified', isoTime(version.lastModifiedMs)),
    content,
    ownerXml(),
    `</${name}>`,
  ].join('')
}

type VersionEntry = { xml: string; key: string; versionId: string | undefined }

/** What is left of the marker's own key first, then key by key. */
function* versionEntries(
  common: Common,
  keyMarker: string | undefined,
  versionMarker: string | undefined,
): Generator<VersionEntry> {
  const { bucket, prefix, delimiter, encode } = common
  if (keyMarker !== undefined && versionMarker !== undefined && versionMarker !== '' && keyMarker.startsWith(prefix)) {
    const passed = bucket.versionsOf(keyMarker).findIndex((version) => version.versionId === versionMarker)
    if (passed >= 0) yield* versionsOfKey(bucket, keyMarker, encode, passed + 1)
  }
  let after = markerPosition(keyMarker, prefix, delimiter)
  for (;;) {
    const page = pageOf(bucket.keys, { prefix, delimiter, after, maxEntries: MAX_PAGE_KEYS }, () => true)
    for (const entry of page.entries) {
      if (entry.kind === 'prefix') yield { xml: prefixXml(encode(entry.name)), key: entry.name, versionId: undefined }
      else yield* versionsOfKey(bucket, entry.name, encode, 0)
    }
    after = page.entries[page.entries.length - 1]
    if (!page.isTruncated) return
  }
}

function* versionsOfKey(bucket: Bucket, key: string, encode: Common['encode'], from: number): Generator<VersionEntry> {
  for (const [index, version] of bucket.versionsOf(key).entries()) {
    if (index >= from) yield { xml: versionXml(encode(key), version, index === 0), key, versionId: version.versionId }
  }
}

export function listObjectVersions(exchange: Exchange): void {
  const common = listingParameters(exchange, 'max-keys')
  const { bucket, maxKeys, encode } = common
  const [keyMarker, versionMarker] = [query(exchange, 'key-marker'), query(exchange, 'version-id-marker')]
  const entries: VersionEntry[] = []
  let isTruncated = false
  for (const entry of versionEntries(common, keyMarker, versionMarker)) {
    isTruncated = entries.length >= maxKeys
    if (isTruncated) break
    entries.push(entry)
  }
  const last = isTruncated ? entries[entries.length - 1] : undefined
  const inner = [
    element('Name', bucket.name),
    common.echo,
    element('KeyMarker', encode(keyMarker ?? '')),
    element('VersionIdMarker', versionMarker ?? ''),
    element('NextKeyMarker', last && encode(last.key)),
    element('NextVersionIdMarker', last?.versionId),
    element('MaxKeys', maxKeys),
    element('IsTruncated', isTruncated && maxKeys > 0),
    ...entries.map((entry) => entry.xml),
  ]
  answerXml(exchange, 'ListVersionsResult', inner.join(''))
}
