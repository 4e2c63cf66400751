/**
 * Conditional headers. Reads follow RFC 9110 (an ETag condition outranks one on time); writes know only ETags. The server can
 * be told to ignore single conditions, as weak providers do: what is ignored here is ignored entirely.
 */
import { s3Error } from '../errors.ts'
import { header, type Exchange } from '../exchange.ts'
import type { ConditionName } from '../options.ts'
import type { Check } from '../storage/bucket.ts'
import type { ObjectVersion } from '../storage/model.ts'

export type WriteKind = 'put' | 'complete' | 'copy'

/** Header names lower case; `prefix` is `x-amz-copy-source-` for sources. */
type ReadConditions = {
  ifMatch: string | undefined
  ifNoneMatch: string | undefined
  ifModifiedSinceMs: number | undefined
  ifUnmodifiedSinceMs: number | undefined
}

function active(exchange: Exchange, name: string, condition: ConditionName): string | undefined {
  return exchange.server.settings.ignores.has(condition) ? undefined : header(exchange, name)
}

function timeHeader(exchange: Exchange, name: string): number | undefined {
  const timeMs = Date.parse(header(exchange, name) ?? '')
  return Number.isNaN(timeMs) ? undefined : timeMs
}

export function matchesETag(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const text = item.trim()
    return text === '*' || text.replace(/^W\//, '').replace(/^"(.*)"$/, '$1') === etag
  })
}

type Verdict = 'proceed' | 'not-modified' | 'failed'

function judge(conditions: ReadConditions, version: ObjectVersion): Verdict {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions
  if (ifMatch !== undefined) {
    if (!matchesETag(ifMatch, version.etag)) return 'failed'
  } else if (ifUnmodifiedSinceMs !== undefined && version.lastModifiedMs > ifUnmodifiedSinceMs) {
    return 'failed'
  }
  if (ifNoneMatch !== undefined) return matchesETag(ifNoneMatch, version.etag) ? 'not-modified' : 'proceed'
  return ifModifiedSinceMs !== undefined && version.lastModifiedMs <= ifModifiedSinceMs ? 'not-modified' : 'proceed'
}

function failed(condition: string) {
  return s3Error('PreconditionFailed', { fields: { Condition: condition } })
}

/** For GET and HEAD. */
export function isNotModified(exchange: Exchange, version: ObjectVersion): boolean {
  const verdict = judge(
    {
      ifMatch: active(exchange, 'if-match', 'get-if-match'),
      ifNoneMatch: active(exchange, 'if-none-match', 'get-if-none-match'),
      ifModifiedSinceMs: timeHeader(exchange, 'if-modified-since'),
      ifUnmodifiedSinceMs: timeHeader(exchange, 'if-unmodified-since'),
    },
    version,
  )
  if (verdict === 'failed') throw failed('If-Match')
  return verdict === 'not-modified'
}

export function checkCopySource(exchange: Exchange, version: ObjectVersion, kind: 'copy' | 'part'): void {
  const ifMatch = kind === 'copy' ? 'copy-source-if-match' : 'part-copy-source-if-match'
  const verdict = judge(
    {
      ifMatch: active(exchange, 'x-amz-copy-source-if-match', ifMatch),
      ifNoneMatch: active(exchange, 'x-amz-copy-source-if-none-match', 'copy-source-if-none-match'),
      ifModifiedSinceMs: timeHeader(exchange, 'x-amz-copy-source-if-modified-since'),
      ifUnmodifiedSinceMs: timeHeader(exchange, 'x-amz-copy-source-if-unmodified-since'),
    },
    version,
  )
  if (verdict !== 'proceed') throw failed('x-amz-copy-source-If-Match')
}

/** To be asked twice: before the body is taken in, to spare it, and in the step that writes, where it counts. */
export function writeCheck(exchange: Exchange, kind: WriteKind): Check {
  const ifMatch = active(exchange, 'if-match', `${kind}-if-match`)
  const ifNoneMatch = active(exchange, 'if-none-match', `${kind}-if-none-match`)
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw s3Error('InvalidRequest', { message: 'If-Match and If-None-Match exclude each other.' })
  }
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*')
    throw s3Error('NotImplemented', { fields: { Header: 'If-None-Match' } })
  const needsBare = kind === 'put' && exchange.server.settings.quirks.unquotedIfMatch === true
  return (current) => {
    if (ifNoneMatch !== undefined && current) throw failed('If-None-Match')
    if (ifMatch !== undefined) checkMatch(ifMatch, current, needsBare)
  }
}

/** DELETE with If-Match, or an ETag in a batch. */
export function deleteCheck(exchange: Exchange, etag: string | undefined): Check {
  if (etag === undefined || exchange.server.settings.ignores.has('delete-if-match')) return () => undefined
  return (current) => checkMatch(etag, current, false)
}

function checkMatch(ifMatch: string, current: ObjectVersion | undefined, needsBare: boolean): void {
  if (!current) throw s3Error('NoSuchKey')
  if (needsBare ? ifMatch !== current.etag : !matchesETag(ifMatch, current.etag)) throw failed('If-Match')
}
