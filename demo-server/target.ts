/**
 * Reads what a request is about out of its URL and Host: bucket, key and query, decoded once. Both addressing styles:
 * `/bucket/key` and `bucket.localhost/key`. Nothing is normalised: `a//b`, `.` and `..` are parts of keys like any other.
 */
import { s3Error } from './errors.ts'
import { MAX_KEY_BYTES } from './limits.ts'

export type Target = {
  /** The path as it was sent, still encoded; what the signature covers. */
  rawPath: string
  /** In the order sent. */
  parameters: readonly (readonly [string, string])[]
  query: ReadonlyMap<string, string>
  bucket: string | undefined
  key: string | undefined
}

export function parseTarget(url: string, host: string | undefined): Target {
  const mark = url.indexOf('?')
  const rawPath = mark < 0 ? url : url.slice(0, mark)
  const parameters = mark < 0 ? [] : parseQuery(url.slice(mark + 1))
  const path = decode(rawPath)
  if (!path.startsWith('/')) throw s3Error('InvalidURI')
  const hostBucket = bucketOfHost(host)
  const [bucket, key] = hostBucket === undefined ? splitPath(path) : [hostBucket, path.slice(1)]
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw s3Error('KeyTooLongError', {
      fields: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(MAX_KEY_BYTES) },
    })
  }
  return { rawPath, parameters, query: new Map(parameters), bucket: bucket || undefined, key: key || undefined }
}

/** Percent-decodes; a sequence that is not UTF-8 is refused, because no listing could show such a key. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw s3Error('InvalidURI', { cause })
  }
}

function splitPath(path: string): [string, string] {
  const slash = path.indexOf('/', 1)
  return slash < 0 ? [path.slice(1), ''] : [path.slice(1, slash), path.slice(slash + 1)]
}

function bucketOfHost(host: string | undefined): string | undefined {
  const name = host?.replace(/:\d+$/, '') ?? ''
  return name.endsWith('.localhost') ? name.slice(0, -'.localhost'.length) : undefined
}

function parseQuery(query: string): [string, string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
      return [decode(name.replace(/\+/g, ' ')), decode(value.replace(/\+/g, ' '))]
    })
}
