/** Object lock: retention and legal hold, of single versions and as a bucket's default. */
import { receiveDocument } from '../body/receive.ts'
import { s3Error } from '../errors.ts'
import { answer, answerXml, bucketOf, header, isoTime, query, keyOf, type Exchange } from '../exchange.ts'
import type { Bucket } from '../storage/bucket.ts'
import type { DefaultRetention, Lock, ObjectVersion, Retention, RetentionMode } from '../storage/model.ts'
import { childText, element, parseXml } from '../xml.ts'
import { requireVersion } from './versions.ts'

const DAY_MS = 24 * 3600 * 1000

export function readLock(exchange: Exchange, bucket: Bucket): Lock {
  const mode = header(exchange, 'x-amz-object-lock-mode')
  const until = header(exchange, 'x-amz-object-lock-retain-until-date')
  const hold = header(exchange, 'x-amz-object-lock-legal-hold')
  if ((mode ?? until ?? hold) !== undefined && !bucket.settings.objectLock) {
    throw s3Error('InvalidRequest', { message: 'Bucket is missing Object Lock Configuration' })
  }
  if ((mode === undefined) !== (until === undefined)) {
    throw s3Error('InvalidArgument', {
      message: 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    })
  }
  const nowMs = exchange.server.nowMs()
  const { defaultRetention } = bucket.settings
  const retention =
    mode !== undefined && until !== undefined
      ? checkedRetention(mode, until, nowMs)
      : defaultRetention && { mode: defaultRetention.mode, untilMs: nowMs + defaultRetention.days * DAY_MS }
  return {
    ...(retention ? { retention } : {}),
    ...(hold !== undefined ? { legalHold: checkedHold(hold) } : {}),
  }
}

/** Throws while the version is protected. */
export function checkDeletable(exchange: Exchange, version: ObjectVersion | undefined): void {
  if (!version) return
  if (version.legalHold === true) throw protectedVersion()
  if (isProtected(exchange, version.retention)) throw protectedVersion()
}

function isProtected(exchange: Exchange, retention: Retention | undefined): boolean {
  if (!retention || retention.untilMs <= exchange.server.nowMs()) return false
  const bypasses = header(exchange, 'x-amz-bypass-governance-retention')?.toLowerCase() === 'true'
  return !(retention.mode === 'GOVERNANCE' && bypasses)
}

function protectedVersion() {
  return s3Error('AccessDenied', { message: 'Access Denied because object protected by object lock.' })
}

function checkedRetention(mode: string, until: string, nowMs: number): Retention {
  const untilMs = Date.parse(until)
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') throw s3Error('MalformedXML')
  if (Number.isNaN(untilMs))
    throw s3Error('InvalidArgument', { message: 'The retain until date must be a valid date.' })
  if (untilMs <= nowMs) throw s3Error('InvalidArgument', { message: 'The retain until date must be in the future!' })
  return { mode, untilMs }
}

function checkedHold(text: string): boolean {
  if (text !== 'ON' && text !== 'OFF') throw s3Error('MalformedXML')
  return text === 'ON'
}

function lockedVersion(exchange: Exchange): { bucket: Bucket; key: string; version: ObjectVersion } {
  const bucket = bucketOf(exchange)
  if (!bucket.settings.objectLock) {
    throw s3Error('InvalidRequest', { message: 'Bucket is missing Object Lock Configuration' })
  }
  return {
    bucket,
    key: keyOf(exchange),
    version: requireVersion(exchange, bucket, keyOf(exchange), query(exchange, 'versionId')),
  }
}

export function getObjectRetention(exchange: Exchange): void {
  const { retention } = lockedVersion(exchange).version
  if (!retention) throw s3Error('NoSuchObjectLockConfiguration')
  answerXml(
    exchange,
    'Retention',
    element('Mode', retention.mode) + element('RetainUntilDate', isoTime(retention.untilMs)),
  )
}

export async function putObjectRetention(exchange: Exchange): Promise<void> {
  const document = parseXml(await receiveDocument(exchange))
  const { bucket, key, version } = lockedVersion(exchange)
  const [mode, until] = [childText(document, 'Mode'), childText(document, 'RetainUntilDate')]
  const retention = mode && until ? checkedRetention(mode, until, exchange.server.nowMs()) : undefined
  const isExtension =
    retention !== undefined &&
    retention.mode === version.retention?.mode &&
    retention.untilMs >= version.retention.untilMs
  if (!isExtension && isProtected(exchange, version.retention)) throw protectedVersion()
  await bucket.lock(key, version, { retention })
  answer(exchange, 200)
}

export function getObjectLegalHold(exchange: Exchange): void {
  const { legalHold } = lockedVersion(exchange).version
  if (legalHold === undefined) throw s3Error('NoSuchObjectLockConfiguration')
  answerXml(exchange, 'LegalHold', element('Status', legalHold ? 'ON' : 'OFF'))
}

export async function putObjectLegalHold(exchange: Exchange): Promise<void> {
  const document = parseXml(await receiveDocument(exchange))
  const { bucket, key, version } = lockedVersion(exchange)
  await bucket.lock(key, version, { legalHold: checkedHold(childText(document, 'Status') ?? '') })
  answer(exchange, 200)
}

export function getObjectLockConfiguration(exchange: Exchange): void {
  const { objectLock, defaultRetention } = bucketOf(exchange).settings
  if (!objectLock) throw s3Error('ObjectLockConfigurationNotFoundError')
  const rule = defaultRetention
    ? `<Rule><DefaultRetention>${element('Mode', defaultRetention.mode)}${element('Days', defaultRetention.days)}</DefaultRetention></Rule>`
    : ''
  answerXml(exchange, 'ObjectLockConfiguration', element('ObjectLockEnabled', 'Enabled') + rule)
}

export async function putObjectLockConfiguration(exchange: Exchange): Promise<void> {
  if (exchange.server.settings.quirks.noVersioning === true) throw s3Error('NotImplemented')
  const document = parseXml(await receiveDocument(exchange))
  const bucket = bucketOf(exchange)
  if (bucket.settings.versioning !== 'Enabled') {
    throw s3Error('InvalidBucketState', {
      message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    })
  }
  const rule = document.children.find((child) => child.name === 'Rule')
  const retention = rule?.children.find((child) => child.name === 'DefaultRetention')
  const days =
    retention && (Number(childText(retention, 'Days') ?? 0) || Number(childText(retention, 'Years') ?? 0) * 365)
  const mode = retention && childText(retention, 'Mode')
  if (retention && (!days || (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE'))) throw s3Error('MalformedXML')
  const defaultRetention: DefaultRetention | undefined = days ? { mode: mode as RetentionMode, days } : undefined
  await bucket.saveSettings({ objectLock: true, defaultRetention })
  answer(exchange, 200)
}
