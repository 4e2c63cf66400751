/**
 * Asks an endpoint what it honours by trying: every condition once where it must pass and once where it must be refused, on
 * throw-away keys under `<prefix>.cloudmount-probe-<random>/`, removed afterwards whatever happened. What could not be tried
 * (keys that may not write, an endpoint that failed) is `unknown`, never guessed.
 */
import { randomBytes } from 'node:crypto'
import type { ProxyRoute } from '../../contracts/proxy.ts'
import type { Account, Capabilities, Secret, Support } from '../../contracts/account.ts'
import type { Problem } from '../../contracts/problem.ts'
import type { TransportLimits } from './sdk-transport.ts'
import { createAccountClient } from './sdk-account.ts'
import type { AccountClient } from './sdk-account.ts'
import { createObjectStore } from './sdk-store.ts'
import { isBrokenOff, StoreError } from './store.ts'
import type { CallOptions, ETag, ObjectAttributes, ObjectStore } from './store.ts'

export type ProbeTarget = {
  account: Account
  secret: Secret
  bucket: string
  /** Empty or ending in `/`. */
  prefix: string
  /**
   * Names the throw-away keys; a new one each time when absent. Whoever gives one has recorded it before, and gives it again after
   * a probe that was cut off: then what that one left is removed first.
   */
  token?: string
  /** What every object is written with: a bucket may refuse what is not encrypted as it says. */
  attributes?: ObjectAttributes
  proxy?: ProxyRoute | undefined
  limits?: Partial<TransportLimits>
  signal?: AbortSignal
  /** The first object was written; conditions are tried next. */
  onWritten?: (() => void) | undefined
}

export type ProbeResult = {
  capabilities: Capabilities
  /** Why nothing could be written, if so. */
  writeProblem?: Problem
  /** Keys the probe made and could not remove. */
  leftovers: string[]
}

type Outcome = 'passed' | 'conflict' | 'refused' | 'unknown'

type Probe = {
  bucket: string
  directory: string
  client: AccountClient
  quoted: ObjectStore
  unquoted: ObjectStore
  call: CallOptions
  plain: ObjectAttributes
  onWritten: () => void
}

const attempts = 3
const someBytes = Buffer.from('cloudmount probe')
const someBytesCrc32 = 'ZzHk8A=='
const wrongCrc32 = 'AAAAAA=='
const otherETag: ETag = '"00000000000000000000000000000000"'

export const unknownCapabilities = (probedAt: number): Capabilities => ({
  probedAt,
  putIfNoneMatch: 'unknown',
  putIfMatch: 'unknown',
  ifMatchForm: 'quoted',
  completeIfNoneMatch: 'unknown',
  completeIfMatch: 'unknown',
  deleteIfMatch: 'unknown',
  copySourceIfMatch: 'unknown',
  uploadPartCopy: 'unknown',
  checksums: 'unknown',
  versioning: 'unknown',
  objectLock: 'unknown',
  clockSkewMs: 0,
})

/** Throws StoreError only when the bucket cannot be reached at all. */
export async function probeCapabilities(target: ProbeTarget): Promise<ProbeResult> {
  const { account, secret, bucket, prefix, limits, proxy } = target
  const options = { account, secret, bucket, proxy, ...(limits ? { limits } : {}) }
  const probe: Probe = {
    bucket,
    directory: `${prefix}.cloudmount-probe-${target.token ?? probeToken()}/`,
    client: createAccountClient(options),
    quoted: createObjectStore({ ...options, capabilities: { ifMatchForm: 'quoted' } }),
    unquoted: createObjectStore({ ...options, capabilities: { ifMatchForm: 'unquoted' } }),
    call: target.signal ? { signal: target.signal } : {},
    plain: target.attributes ?? { metadata: {} },
    onWritten: target.onWritten ?? (() => undefined),
  }
  try {
    return await runProbe(probe, target.token !== undefined)
  } finally {
    for (const closing of [probe.client, probe.quoted, probe.unquoted]) closing.close()
  }
}

export const probeToken = (): string => randomBytes(6).toString('hex')

async function runProbe(probe: Probe, mayHaveLeftovers: boolean): Promise<ProbeResult> {
  const { client, bucket, call } = probe
  const versioning = await client.versioning(bucket, call)
  if (mayHaveLeftovers) await cleanUp(probe, versioning !== 'off' && versioning !== 'unknown')
  const objectLock = await client.objectLock(bucket, call)
  const known = { ...unknownCapabilities(Date.now()), versioning, objectLock }
  let written: Partial<Capabilities> = {}
  let writeProblem: Problem | undefined
  let leftovers: string[]
  try {
    written = await probeWrites(probe)
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'cancelled') throw error
    writeProblem = error.problem
  } finally {
    leftovers = await cleanUp(probe, versioning !== 'off' && versioning !== 'unknown')
  }
  const clockSkewMs = client.clockOffsetMs() ?? 0
  return { capabilities: { ...known, ...written, clockSkewMs }, ...(writeProblem ? { writeProblem } : {}), leftovers }
}

/** Throws when not even an unconditional write works. */
async function probeWrites(probe: Probe): Promise<Partial<Capabilities>> {
  const { quoted, directory, call, plain } = probe
  const key = `${directory}a`
  await quoted.put(key, someBytes, plain, undefined, call)
  probe.onWritten()
  const putIfNoneMatch = await judge(
    () => quoted.put(`${directory}b`, someBytes, plain, { kind: 'absent' }, call),
    () => quoted.put(key, someBytes, plain, { kind: 'absent' }, call),
  )
  const { support: putIfMatch, form } = await probePutIfMatch(probe, key)
  const store = form === 'quoted' ? quoted : probe.unquoted
  return {
    putIfNoneMatch,
    putIfMatch,
    ifMatchForm: form,
    ...(await probeCompletion(probe, store)),
    ...(await probeCopies(probe, store, form)),
    checksums: await probeChecksums(probe),
    deleteIfMatch: await probeDelete(probe, store),
  }
}

async function probePutIfMatch(
  probe: Probe,
  key: string,
): Promise<{ support: Support; form: Capabilities['ifMatchForm'] }> {
  const { quoted, unquoted, call, plain } = probe
  const withForm = async (store: ObjectStore): Promise<Support> => {
    const { etag } = await store.put(key, someBytes, plain, undefined, call)
    const change = Buffer.from(randomBytes(8).toString('hex'))
    return judge(
      () => store.put(key, change, plain, { kind: 'version', etag }, call),
      () => store.put(key, someBytes, plain, { kind: 'version', etag: otherETag }, call),
    )
  }
  const support = await withForm(quoted)
  if (support === 'honoured' || support === 'ignored') return { support, form: 'quoted' }
  const bare = await withForm(unquoted)
  return bare === 'honoured' ? { support: bare, form: 'unquoted' } : { support, form: 'quoted' }
}

async function probeCompletion(
  { directory, call, plain }: Probe,
  store: ObjectStore,
): Promise<Pick<Capabilities, 'completeIfNoneMatch' | 'completeIfMatch'>> {
  const complete = async (
    key: string,
    condition: Parameters<ObjectStore['completeMultipartUpload']>[3],
  ): Promise<void> => {
    const uploadId = await store.createMultipartUpload(key, plain, call)
    const part = await store.uploadPart(key, uploadId, 1, someBytes, call)
    await store.completeMultipartUpload(key, uploadId, [part], condition, call)
  }
  const key = `${directory}c`
  const completeIfNoneMatch = await judge(
    () => complete(key, { kind: 'absent' }),
    () => complete(key, { kind: 'absent' }),
  )
  const { etag } = await store.put(key, someBytes, plain, undefined, call)
  const completeIfMatch = await judge(
    () => complete(key, { kind: 'version', etag }),
    () => complete(key, { kind: 'version', etag: otherETag }),
  )
  return { completeIfNoneMatch, completeIfMatch }
}

async function probeCopies(
  { client, bucket, directory, call, plain }: Probe,
  store: ObjectStore,
  form: Capabilities['ifMatchForm'],
): Promise<Pick<Capabilities, 'copySourceIfMatch' | 'uploadPartCopy'>> {
  const [sourceKey, targetKey] = [`${directory}d`, `${directory}e`]
  const { etag } = await store.put(sourceKey, someBytes, plain, undefined, call)
  const copy = (from: ETag) => (): Promise<unknown> =>
    store.copy({ key: sourceKey, etag: from, sizeBytes: someBytes.length }, targetKey, plain, undefined, call)
  const whole = await judge(copy(etag), copy(otherETag))

  let uploadId = ''
  const created = await outcomeOf(async () => (uploadId = await store.createMultipartUpload(targetKey, plain, call)))
  if (created !== 'passed')
    return { copySourceIfMatch: whole, uploadPartCopy: created === 'unknown' ? 'unknown' : 'refused' }
  const part = (from: ETag) => (): Promise<unknown> =>
    client.copyWholePart(bucket, { key: targetKey, uploadId }, { key: sourceKey, etag: from, form }, call)
  const partCopied = await outcomeOf(part(etag))
  if (partCopied !== 'passed')
    return { copySourceIfMatch: whole, uploadPartCopy: partCopied === 'unknown' ? 'unknown' : 'refused' }
  const inParts = await judge(part(etag), part(otherETag))
  return { copySourceIfMatch: weaker(whole, inParts), uploadPartCopy: 'honoured' }
}

async function probeChecksums({ client, bucket, directory, call }: Probe): Promise<Support> {
  const put = (crc32: string) => (): Promise<void> =>
    client.putWithChecksum(bucket, `${directory}f`, someBytes, crc32, call)
  const right = await outcomeOf(put(someBytesCrc32))
  if (right !== 'passed') return right === 'unknown' ? 'unknown' : 'refused'
  try {
    await put(wrongCrc32)()
    return 'ignored'
  } catch (error) {
    // A refusal says what is wrong with the bytes; the table calls that worth a retry, which here it is not.
    const wasAnswered = error instanceof StoreError && /HTTP 4\d\d/.test(error.problem.detail ?? '')
    return wasAnswered ? 'honoured' : 'unknown'
  }
}

async function probeDelete({ directory, call, plain }: Probe, store: ObjectStore): Promise<Support> {
  const key = `${directory}g`
  const { etag } = await store.put(key, someBytes, plain, undefined, call)
  const wrong = await outcomeOf(() => store.delete(key, { ifMatch: otherETag }, call))
  if (wrong === 'passed') return 'ignored'
  return verdict(await outcomeOf(() => store.delete(key, { ifMatch: etag }, call)), wrong)
}

async function judge(right: () => Promise<unknown>, wrong: () => Promise<unknown>): Promise<Support> {
  const rightly = await outcomeOf(right)
  return verdict(rightly, await outcomeOf(wrong))
}

/** Pure: what passing or failing where it should and should not says about a condition. */
export function verdict(right: Outcome, wrong: Outcome): Support {
  if (right === 'unknown' || wrong === 'unknown') return 'unknown'
  if (right !== 'passed') return 'refused'
  switch (wrong) {
    case 'passed':
      return 'ignored'
    case 'conflict':
      return 'honoured'
    case 'refused':
      return 'refused'
  }
}

const strength: readonly Support[] = ['refused', 'unknown', 'ignored', 'honoured']
export const weaker = (a: Support, b: Support): Support => (strength.indexOf(a) < strength.indexOf(b) ? a : b)

/** A failure that may pass is tried again a few times (Ceph answers some lost races with 500), then left unknown. */
async function outcomeOf(attempt: () => Promise<unknown>): Promise<Outcome> {
  for (let left = attempts; left > 0; left--) {
    try {
      await attempt()
      return 'passed'
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind === 'cancelled' || error.kind === 'offline') throw error
      // The network says nothing about the endpoint.
      if (isBrokenOff(error) && left === 1) throw error
      if (error.kind === 'conflict') return 'conflict'
      if (error.kind !== 'retry') return error.problem.code === 'access-denied' ? 'unknown' : 'refused'
    }
  }
  return 'unknown'
}

/** Without the caller's signal: cancelling a test must not leave its objects behind. */
async function cleanUp({ client, quoted, bucket, directory }: Probe, isVersioned: boolean): Promise<string[]> {
  try {
    for (const { key, uploadId } of await quoted.listMultipartUploads(directory))
      await quoted.abortMultipartUpload(key, uploadId).catch(() => undefined)
    const { objects } = await quoted.list({ prefix: directory })
    const left: string[] = []
    for (const { key } of objects) await quoted.delete(key, {}).catch(() => left.push(key))
    return isVersioned ? await client.removeVersions(bucket, directory) : left
  } catch (error) {
    // Keys that may not list cannot see what they left; the names are known all the same.
    if (!(error instanceof StoreError)) throw error
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => directory + name)
    const removed = await Promise.allSettled(names.map((key) => quoted.delete(key, {})))
    return names.filter((_, index) => removed[index]?.status === 'rejected')
  }
}
