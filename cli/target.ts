/** From command line options to an account and a drive. Keys are never among the options: they come from the AWS chain. */
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { accountSchema, type Account } from '../contracts/account.ts'
import { consistencyModes, driveSchema, type ConsistencyMode, type Drive } from '../contracts/drive.ts'
import { ProblemError } from '../contracts/problem.ts'

export type AccountOptions = {
  endpoint?: string
  region?: string
  profile?: string
  anonymous?: boolean
  addressing?: string
  caFile?: string
}

export type MountOptions = AccountOptions & {
  cache?: string
  cacheLimit?: string
  readOnly?: boolean
  consistency?: string
  allowOther?: boolean
  localOnly?: string[]
}

export type Location = { bucket: string; prefix: string }

/** Throws ProblemError `invalid-input`. The prefix comes back empty or ending in a slash. */
export function parseLocation(text: string): Location {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text)
  const bucket = match?.[1]
  if (bucket === undefined) {
    throw new ProblemError({
      code: 'invalid-input',
      message: `“${text}” is not a bucket.`,
      remedy: 'Write it as s3://bucket or s3://bucket/prefix.',
    })
  }
  const prefix = match?.[2] ?? ''
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}

export function accountFrom(options: AccountOptions): Account {
  const credentials =
    options.anonymous === true
      ? { kind: 'anonymous' }
      : options.profile === undefined
        ? { kind: 'environment' }
        : { kind: 'profile', profile: options.profile }
  return checked(accountSchema, {
    id: 'cli',
    name: 'Command line',
    provider: options.endpoint === undefined ? 'aws' : 'other',
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    region: options.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    addressing: options.addressing ?? (options.endpoint === undefined ? 'virtual' : 'path'),
    credentials,
    ...(options.caFile === undefined ? {} : { caFile: resolve(options.caFile) }),
  })
}

export function driveFrom(location: Location, directory: string, options: MountOptions): Drive {
  const mountpoint = resolve(directory)
  return checked(driveSchema, {
    id: createHash('sha256').update(mountpoint).digest('hex').slice(0, 16),
    accountId: 'cli',
    name: basename(mountpoint) || location.bucket,
    ...location,
    mountpoint,
    ...(options.cacheLimit === undefined ? {} : { cacheLimitBytes: bytesFrom(options.cacheLimit) }),
    isReadOnly: options.readOnly === true,
    consistency: consistencyFrom(options.consistency),
    mountsAtStart: false,
    ...(options.localOnly === undefined ? {} : { localOnlyPatterns: options.localOnly }),
  })
}

/** Where the cache of a drive without `--cache` is: one folder per place in the world of buckets. */
export function cacheDirectoryFor(account: Account, { bucket, prefix }: Location): string {
  const place = `${account.endpoint ?? `aws:${account.region}`}/${bucket}/${prefix}`
  const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(home, 'cloudmount', createHash('sha256').update(place).digest('hex').slice(0, 16))
}

function consistencyFrom(text: string | undefined): ConsistencyMode {
  const mode = consistencyModes.find((known) => known === (text ?? 'close-to-open'))
  if (mode !== undefined) return mode
  throw new ProblemError({
    code: 'invalid-input',
    message: `“${text}” is not a consistency mode.`,
    remedy: `Choose one of ${consistencyModes.join(', ')}.`,
  })
}

const unitBytes = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const

/** `20G`, `500M`, `1.5T` (powers of 1024), or plain bytes. Throws ProblemError `invalid-input`. */
export function bytesFrom(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  const bytes = match === null ? 0 : Math.floor(Number(match[1]) * unitBytes[(match[2] ?? '').toLowerCase() as 'k'])
  if (bytes > 0) return bytes
  throw new ProblemError({
    code: 'invalid-input',
    message: `“${text}” is not a size.`,
    remedy: 'Write it as 500M, 20G or 1.5T.',
  })
}

type Parser<T> = {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } }
}

function checked<T>(schema: Parser<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ProblemError({
    code: 'invalid-input',
    message: `${issue?.path.map(String).join('.') ?? 'options'}: ${issue?.message ?? 'not understood'}`,
    remedy: 'See cloudmount mount --help.',
  })
}
