/**
 * The border where anything an S3 call can throw becomes a StoreError: what it means for the work (kind) and what a
 * person reads (problem). The S3 code is asked first, because a 200 or 503 may carry any of them in its body; then the
 * HTTP status, then Node's error code. Unknown 5xx is tried again, unknown 4xx waits for a person, anything without an
 * HTTP answer is tried again. Total: it never throws, and never reads as "absent" what merely failed.
 */
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { fallbackRows, rowsByName, rowsByNetworkCode, rowsByStatus, said } from './store-error-rows.ts'
import type { ErrorContext, ErrorFacts, ErrorRow } from './store-error-rows.ts'
import { StoreError } from './store.ts'

export type { ErrorContext } from './store-error-rows.ts'

/** Thrown by the transport and the store when an answer cannot come from an S3 service. */
export class NotS3Error extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'NotS3Error'
  }
}

/** A deadline of ours, in the shape of Node's own network errors. */
export class DeadlineError extends Error {
  readonly code: 'CONNECT_TIMEOUT' | 'IDLE_TIMEOUT'
  constructor(code: 'CONNECT_TIMEOUT' | 'IDLE_TIMEOUT', message: string) {
    super(message)
    this.name = 'DeadlineError'
    this.code = code
  }
}

/** What may be found on an error; every field is checked before it is believed. */
type Evidence = {
  names: string[]
  status?: number
  networkCodes: string[]
  message: string
  requestId?: string
  rightRegion?: string
  proxy?: string
}

export function storeErrorFrom(error: unknown, context: ErrorContext): StoreError {
  if (error instanceof StoreError) return error
  const evidence = evidenceOf(error)
  const row = rowFor(evidence, context)
  const facts: ErrorFacts = {
    ...context,
    serverMessage: evidence.message,
    ...(evidence.rightRegion === undefined ? {} : { rightRegion: evidence.rightRegion }),
    ...(evidence.proxy === undefined ? {} : { proxy: evidence.proxy }),
  }
  return new StoreError(row.kind, problemFor(row, facts, evidence), { cause: causeOf(error) })
}

function rowFor(evidence: Evidence, context: ErrorContext): ErrorRow {
  const { status } = evidence
  for (const name of evidence.names) {
    if (name === 'CredentialsProviderError') return rowForSignIn(evidence)
    if (name === 'InvalidAccessKeyId' && context.isTemporary === true)
      return rowsByName.ExpiredToken ?? fallbackRows.blockedUnknown
    const row = Object.hasOwn(rowsByName, name) ? rowsByName[name] : undefined
    if (row && !(row === fallbackRows.gone && isDoubtfulAbsence(name, context))) return row
  }
  if (status === 200 && /deserialization|parsing/i.test(evidence.message)) return fallbackRows.notS3
  if (status !== undefined && status !== 200) return rowForStatus(status, context)
  for (const code of evidence.networkCodes) {
    const row = Object.hasOwn(rowsByNetworkCode, code) ? rowsByNetworkCode[code] : undefined
    if (row) return row
    if (code.startsWith('HPE_')) return fallbackRows.wrongProtocol
    if (code.startsWith('ERR_SSL_')) return fallbackRows.wrongProtocol
  }
  if (/wrong version number|packet length too long|unknown protocol/i.test(evidence.message))
    return fallbackRows.wrongProtocol
  if (/socket hang up|aborted/i.test(evidence.message)) return rowsByNetworkCode.ECONNRESET ?? fallbackRows.retryUnknown
  return fallbackRows.retryUnknown
}

/** The SDK's wording is all that tells a stale SSO login, or a service of sign-ins that cannot be reached, from a missing profile. */
function rowForSignIn({ message, networkCodes }: Evidence): ErrorRow {
  const codes = [...networkCodes, ...(message.match(/\b[A-Z][A-Z_]{3,}\b/g) ?? [])]
  const network = codes.find((code) => Object.hasOwn(rowsByNetworkCode, code))
  const row =
    network === undefined
      ? /expired|sso login|refresh|UnauthorizedException|reauthenticate/i.test(message) && rowsByName.ExpiredToken
      : rowsByNetworkCode[network]
  return row || (rowsByName.CredentialsProviderError ?? fallbackRows.blockedUnknown)
}

/** `NotFound` is what the SDK makes of any 404 without a body: proof of absence only where S3 itself sends none. */
const isObjectHead = ({ operation }: ErrorContext): boolean =>
  operation === 'HeadObject' || operation === 'HeadObjectVersion'
const isDoubtfulAbsence = (name: string, context: ErrorContext): boolean =>
  name === 'NotFound' && !isObjectHead(context)

function rowForStatus(status: number, context: ErrorContext): ErrorRow {
  const row = rowsByStatus[status]
  if (row) return row
  if (status === 404 && context.operation === 'HeadBucket') return fallbackRows.bucketUnknown
  if (status === 404) return isObjectHead(context) ? fallbackRows.gone : fallbackRows.notS3
  if (status >= 500) return fallbackRows.serverError
  if (status >= 300 && status < 400) return fallbackRows.notS3
  return fallbackRows.blockedUnknown
}

function problemFor(row: ErrorRow, facts: ErrorFacts, evidence: Evidence): Problem {
  const remedy = row.remedy === undefined ? undefined : said(row.remedy, facts)
  const detail = [
    facts.operation,
    evidence.status === undefined ? undefined : `HTTP ${evidence.status}`,
    evidence.names[0],
    evidence.networkCodes[0],
    evidence.message && evidence.message !== 'UnknownError' ? evidence.message : undefined,
    evidence.requestId === undefined ? undefined : `request ${evidence.requestId}`,
  ]
  const consequence = consequenceOf(row, facts)
  return {
    code: row.code,
    message: said(row.message, facts),
    ...(consequence === undefined ? {} : { consequence }),
    ...(remedy === undefined ? {} : { remedy }),
    detail: detail.filter((part) => part !== undefined).join(' · '),
  }
}

/**
 * The SDK's error holds the whole exchange, signature and socket included: too much for a log, and too much to keep in memory
 * for as long as a problem is shown.
 */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('$response' in error || '$metadata' in error)) return error
  const cause = new Error(error.message)
  cause.name = error.name
  if (error.stack !== undefined) cause.stack = error.stack
  return 'code' in error ? Object.assign(cause, { code: error.code }) : cause
}

function consequenceOf(row: ErrorRow, facts: ErrorFacts): string | undefined {
  if (facts.access !== 'write') return undefined
  switch (row.kind) {
    case 'conflict':
      return t('store.both-kept')
    case 'retry':
    case 'offline':
    case 'blocked':
    case 'invalid':
      return t('store.change-kept')
    case 'absent':
    case 'cancelled':
      return undefined
  }
}

function evidenceOf(error: unknown): Evidence {
  const evidence: Evidence = { names: [], networkCodes: [], message: '' }
  // An SDK error may wrap the one that tells: `cause` chains, and Node's AggregateError of every address tried.
  const pending: unknown[] = [error]
  for (let depth = 0; pending.length > 0 && depth < 8; depth++) {
    const current = pending.shift()
    if (!isRecord(current)) continue
    addEvidence(evidence, current)
    if (Array.isArray(current.errors)) pending.push(...(current.errors as unknown[]))
    pending.push(current.cause)
  }
  if (evidence.message === '' && typeof error === 'string') evidence.message = error
  return evidence
}

function addEvidence(evidence: Evidence, error: Record<string, unknown>): void {
  for (const name of [error.Code, error.name, error.code]) if (isText(name)) evidence.names.push(name)
  if (isText(error.code)) evidence.networkCodes.push(error.code)
  if (isText(error.proxy)) evidence.proxy ??= error.proxy
  if (isText(error.message) && evidence.message === '') evidence.message = error.message
  const metadata = isRecord(error.$metadata) ? error.$metadata : {}
  if (typeof metadata.httpStatusCode === 'number') evidence.status ??= metadata.httpStatusCode
  if (isText(metadata.requestId)) evidence.requestId ??= metadata.requestId
  const response = isRecord(error.$response) ? error.$response : {}
  if (typeof response.statusCode === 'number') evidence.status ??= response.statusCode
  const headers = isRecord(response.headers) ? response.headers : {}
  const region = [error.Region, headers['x-amz-bucket-region']].find(isText)
  if (region !== undefined) evidence.rightRegion ??= region
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
