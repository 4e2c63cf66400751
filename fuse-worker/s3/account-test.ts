/**
 * Tests an account step by step and says in words what was found: whether anything answers, whether it accepts the
 * signature, what may be listed and written, which conditions are honoured, and what a bucket keeps of old versions. A
 * step that fails tells what to do next; those after it are skipped. Never throws: every failure is part of the answer.
 */
import { problemFrom } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Problem, ProblemCode } from '../../contracts/problem.ts'
import type { ProxyRoute } from '../../contracts/proxy.ts'
import type {
  Account,
  AccountTest,
  AccountTestProgress,
  AccountTestStep,
  Capabilities,
  Secret,
} from '../../contracts/account.ts'
import { probeCapabilities } from './probe.ts'
import { createAccountClient } from './sdk-account.ts'
import { createObjectStore } from './sdk-store.ts'
import type { TransportLimits } from './sdk-transport.ts'
import { StoreError } from './store.ts'
import type { CallOptions } from './store.ts'

export type AccountTestOptions = {
  account: Account
  secret: Secret
  bucket?: string | undefined
  /** Where in the bucket the throw-away objects go; empty or ending in `/`. */
  prefix?: string | undefined
  proxy?: ProxyRoute | undefined
  limits?: Partial<TransportLimits>
  signal?: AbortSignal
  /** Told of each step as it begins and as it ends. */
  onStep?: ((step: AccountTestProgress) => void) | undefined
}

type StepId = AccountTestStep['id']
type Listing = { buckets?: string[]; problem?: Problem }

/** Beyond this Amazon refuses a signature that was not corrected. */
const largestSkewMs = 5 * 60_000
const stepOrder: readonly StepId[] = ['reachable', 'signed', 'list', 'write', 'conditional', 'versioning']

/** Which step a failure belongs to, when it does not speak of a bucket. */
const unreachableCodes: readonly ProblemCode[] = [
  'endpoint-unreachable',
  'proxy-unreachable',
  'proxy-refused',
  'endpoint-not-s3',
  'tls-untrusted',
  'server-error',
]
const unsignedCodes: readonly ProblemCode[] = [
  'access-key-unknown',
  'secret-wrong',
  'token-expired',
  'profile-unknown',
  'clock-skewed',
]

export async function testAccount(options: AccountTestOptions): Promise<AccountTest> {
  const steps: AccountTestStep[] = []
  const { onStep = () => undefined } = options
  const begin = (id: StepId): void => onStep({ id, outcome: 'running' })
  const add = (id: StepId, outcome: AccountTestStep['outcome'], summary: string): void => {
    steps.push({ id, outcome, summary })
    onStep({ id, outcome, summary })
  }
  const finish = (rest: string, found: Omit<AccountTest, 'steps'> = {}): AccountTest => {
    for (const id of stepOrder) if (!steps.some((step) => step.id === id)) add(id, 'skipped', rest)
    return { steps, ...found }
  }
  try {
    begin('reachable')
    const { listing, clockSkewMs } = await listBuckets(options)
    const ended = addFirstSteps(add, options, listing.problem, clockSkewMs)
    if (ended) return finish(t('test.skipped.earlier'))
    const found = listing.buckets === undefined ? {} : { buckets: listing.buckets }
    if (options.bucket === undefined) {
      add('list', ...bucketsInWords(listing))
      return finish(t('test.skipped.bucket'), found)
    }
    begin('list')
    const refusal = await listingRefusal(options, options.bucket)
    if (refusal) {
      add('list', 'failed', inWords(refusal))
      return finish(t('test.skipped.list'), found)
    }
    add('list', 'passed', t('test.listed', { bucket: options.bucket }))
    begin('write')
    return await addBucketSteps(add, options, options.bucket, (rest, more) => finish(rest, { ...found, ...more }))
  } catch (error) {
    const id = stepOrder.find((candidate) => !steps.some((step) => step.id === candidate)) ?? 'versioning'
    if (!steps.some((step) => step.id === id)) add(id, 'failed', inWords(asProblem(error)))
    return finish(t('test.skipped.earlier'))
  }
}

async function listBuckets(options: AccountTestOptions): Promise<{ listing: Listing; clockSkewMs: number }> {
  const client = createAccountClient(clientOptions(options))
  try {
    const listing = await client.listBuckets(callOf(options)).then(
      (buckets): Listing => ({ buckets }),
      (error: unknown): Listing => ({ problem: asProblem(error) }),
    )
    return { listing, clockSkewMs: client.clockOffsetMs() ?? 0 }
  } finally {
    client.close()
  }
}

/** True when the test ends here. */
function addFirstSteps(
  add: (id: StepId, outcome: AccountTestStep['outcome'], summary: string) => void,
  { account }: AccountTestOptions,
  problem: Problem | undefined,
  clockSkewMs: number,
): boolean {
  const place = account.endpoint ?? `Amazon S3 (${account.region})`
  const isAnonymous = account.credentials.kind === 'anonymous'
  if (problem && unreachableCodes.includes(problem.code) && !(isAnonymous && problem.code === 'endpoint-not-s3')) {
    add('reachable', 'failed', inWords(problem))
    return true
  }
  if (problem?.code === 'profile-unknown') {
    add('reachable', 'skipped', t('test.skipped.unsigned'))
    add('signed', 'failed', inWords(problem))
    return true
  }
  add('reachable', 'passed', t('test.reachable', { endpoint: place }))
  if (isAnonymous) {
    add('signed', 'warning', t('test.signed.anonymous'))
    return false
  }
  // Without a bucket only a refusal that is about the keys, or their region, speaks against the account as a whole.
  if (problem && (unsignedCodes.includes(problem.code) || problem.code === 'region-wrong')) {
    add('signed', 'failed', inWords(problem))
    return true
  }
  if (Math.abs(clockSkewMs) > largestSkewMs) add('signed', 'warning', skewInWords(clockSkewMs))
  else add('signed', 'passed', t('test.signed'))
  return false
}

function bucketsInWords({ buckets, problem }: Listing): [AccountTestStep['outcome'], string] {
  if (buckets === undefined)
    return ['warning', problem?.code === 'access-denied' || problem === undefined
      ? t('test.buckets.refused')
      : inWords(problem)] // prettier-ignore
  if (buckets.length === 0) return ['warning', t('test.buckets.none')]
  return ['passed', t('test.buckets', { count: buckets.length })]
}

async function listingRefusal(options: AccountTestOptions, bucket: string): Promise<Problem | undefined> {
  const store = createObjectStore({ ...clientOptions(options), bucket })
  try {
    await store.list({ prefix: options.prefix ?? '', maxKeys: 1 }, callOf(options))
    return undefined
  } catch (error) {
    return asProblem(error)
  } finally {
    store.close()
  }
}

async function addBucketSteps(
  add: (id: StepId, outcome: AccountTestStep['outcome'], summary: string) => void,
  options: AccountTestOptions,
  bucket: string,
  finish: (rest: string, found?: Omit<AccountTest, 'steps'>) => AccountTest,
): Promise<AccountTest> {
  const result = await probeCapabilities({
    ...clientOptions(options),
    bucket,
    prefix: options.prefix ?? '',
    ...(options.signal ? { signal: options.signal } : {}),
    onWritten: () => {
      options.onStep?.({ id: 'write', outcome: 'passed', summary: t('test.written') })
      options.onStep?.({ id: 'conditional', outcome: 'running' })
    },
  })
  const { capabilities, writeProblem, leftovers } = result
  if (writeProblem) {
    const isRefusal = writeProblem.code === 'access-denied'
    add('write', isRefusal ? 'warning' : 'failed', isRefusal ? t('test.read-only') : inWords(writeProblem))
    add('conditional', 'skipped', t('test.conditions.unknown'))
  } else {
    if (leftovers.length === 0) add('write', 'passed', t('test.deleted'))
    else add('write', 'warning', t('test.not-deleted', { count: leftovers.length, place: leftovers[0] ?? '' }))
    add('conditional', ...conditionsInWords(capabilities))
  }
  add('versioning', 'passed', versioningInWords(capabilities))
  return finish('', { capabilities })
}

function conditionsInWords(capabilities: Capabilities): [AccountTestStep['outcome'], string] {
  const { putIfNoneMatch, putIfMatch, completeIfNoneMatch, completeIfMatch, deleteIfMatch } = capabilities
  const missing = [
    putIfNoneMatch === 'honoured' && putIfMatch === 'honoured' ? undefined : 'small',
    completeIfNoneMatch === 'honoured' && completeIfMatch === 'honoured' ? undefined : 'large',
    deleteIfMatch === 'honoured' ? undefined : 'deletions',
  ].filter((part) => part !== undefined)
  if (missing.length === 0) return ['passed', t('test.conditions')]
  return ['warning', t('test.conditions.missing', { what: missing.join('_') })]
}

function versioningInWords({ versioning, objectLock }: Capabilities): string {
  return t(objectLock === 'enabled' ? 'test.versioning.locked' : 'test.versioning', { versioning })
}

/** `skewMs` is the server's clock minus ours. */
function skewInWords(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  const isBehind = skewMs > 0
  if (minutes >= 120)
    return t(isBehind ? 'test.signed.behind.hours' : 'test.signed.ahead.hours', { count: Math.round(minutes / 60) })
  return t(isBehind ? 'test.signed.behind.minutes' : 'test.signed.ahead.minutes', { count: minutes })
}

const inWords = (problem: Problem): string =>
  problem.remedy === undefined ? problem.message : `${problem.message} ${problem.remedy}`
const asProblem = (error: unknown): Problem => (error instanceof StoreError ? error.problem : problemFrom(error))
const callOf = ({ signal }: AccountTestOptions): CallOptions => (signal ? { signal } : {})
const clientOptions = ({ account, secret, proxy, limits }: AccountTestOptions) => ({
  account,
  secret,
  proxy,
  ...(limits ? { limits } : {}),
})
