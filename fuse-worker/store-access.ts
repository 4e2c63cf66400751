/** The bucket of a drive, asked by its account in the way it is known to honour. */
import { capabilitiesSchema, type Account, type Capabilities, type Secret, type Support } from '../contracts/account.ts'
import type { ProxyRoute } from '../contracts/proxy.ts'
import type { WorkerParams } from '../contracts/worker-protocol.ts'
import { guardStore } from './s3/guarded-store.ts'
import { createObjectStore } from './s3/sdk-store.ts'
import type { ObjectStore } from './s3/store.ts'

const probeTrustMs = 30 * 24 * 3600_000

type Place = Pick<WorkerParams<'drive:mount'>, 'drive'>

/** With what the bucket is asked, and which way. */
export type Access = { account: Account; secret: Secret; proxy?: ProxyRoute | undefined }

export function storeFor(
  { drive, account, secret, proxy }: Access & Place,
  capabilities: Capabilities | undefined,
): ObjectStore {
  const plain = createObjectStore({
    account,
    secret,
    proxy,
    bucket: drive.bucket,
    ...(capabilities === undefined ? {} : { capabilities }),
  })
  return guardStore(plain, capabilities ?? nothingKnown)
}

const nothingKnown = {
  putIfNoneMatch: 'unknown',
  putIfMatch: 'unknown',
  completeIfNoneMatch: 'unknown',
  completeIfMatch: 'unknown',
  deleteIfMatch: 'unknown',
  copySourceIfMatch: 'unknown',
} as const

export const hasConditionalWrites = (capabilities: Capabilities): boolean =>
  conditionsOf(capabilities).every((support) => support === 'honoured')

/** Not of a probe whose first write did not go through. */
export const hasLearnt = (capabilities: Capabilities): boolean =>
  conditionsOf(capabilities).some((support) => support !== 'unknown')

const conditionsOf = (capabilities: Capabilities): Support[] => {
  const { putIfNoneMatch, putIfMatch, completeIfNoneMatch, completeIfMatch, deleteIfMatch } = capabilities
  return [putIfNoneMatch, putIfMatch, completeIfNoneMatch, completeIfMatch, deleteIfMatch]
}

/** Of this very bucket: another one of the same account may honour less (a versioned one on some servers). */
export function knownCapabilities(local: { getMeta(key: string): string | undefined }): Capabilities | undefined {
  const stored = local.getMeta('capabilities')
  if (stored === undefined) return undefined
  const parsed = capabilitiesSchema.safeParse(JSON.parse(stored))
  const isGood = parsed.success && hasLearnt(parsed.data) && Date.now() - parsed.data.probedAt < probeTrustMs
  return isGood ? parsed.data : undefined
}

/** Where the drive's objects are; whoever signs for them. */
export function identityOf({ drive, account }: Place & { account: Account }): string {
  return `${account.endpoint ?? `aws:${account.region}`}/${drive.bucket}/${drive.prefix}`
}
