/** An account: where a bucket's service is and how to sign for it. Secrets are never part of it. */
import { z } from 'zod'

export const providerIds = [
  'aws',
  'cloudflare-r2',
  'backblaze-b2',
  'wasabi',
  'minio',
  'digitalocean-spaces',
  'google-cloud-storage',
  'ceph',
  'other',
] as const
export type ProviderId = (typeof providerIds)[number]

/** `static` keys live in the OS keychain, a `profile` in `~/.aws`, `anonymous` signs nothing. */
export const credentialSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('static'), accessKeyId: z.string().min(1).max(256) }),
  z.object({ kind: z.literal('profile'), profile: z.string().min(1).max(256) }),
  z.object({ kind: z.literal('environment') }),
  z.object({ kind: z.literal('anonymous') }),
])
export type CredentialSource = z.infer<typeof credentialSourceSchema>

/** How far an endpoint honours one condition: asked of the endpoint itself, never assumed. */
export const supportSchema = z.enum(['honoured', 'ignored', 'refused', 'unknown'])
export type Support = z.infer<typeof supportSchema>

export const capabilitiesSchema = z.object({
  probedAt: z.number(),
  /** `If-None-Match: *` and `If-Match` on PutObject. */
  putIfNoneMatch: supportSchema,
  putIfMatch: supportSchema,
  /** Some services honour `If-Match` only with the ETag unquoted. */
  ifMatchForm: z.enum(['quoted', 'unquoted']),
  completeIfNoneMatch: supportSchema,
  completeIfMatch: supportSchema,
  deleteIfMatch: supportSchema,
  copySourceIfMatch: supportSchema,
  uploadPartCopy: supportSchema,
  checksums: supportSchema,
  versioning: z.enum(['enabled', 'suspended', 'off', 'unknown']),
  objectLock: z.enum(['enabled', 'off', 'unknown']),
  /** Server clock minus local clock. */
  clockSkewMs: z.number(),
})
export type Capabilities = z.infer<typeof capabilitiesSchema>

export const accountSchema = z.object({
  id: z.string().min(1).max(64),
  name: z.string().min(1).max(200),
  provider: z.enum(providerIds),
  /** Absent: AWS's own endpoint for the region. */
  endpoint: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  region: z.string().min(1).max(64),
  addressing: z.enum(['path', 'virtual']),
  credentials: credentialSourceSchema,
  /** A PEM file with certificate authorities to trust besides the system's. */
  caFile: z.string().max(4096).optional(),
})
export type Account = z.infer<typeof accountSchema>

/** Travels keychain → main → worker in a message, and nowhere else. */
export const secretSchema = z.object({
  secretAccessKey: z.string().min(1).max(4096).optional(),
  sessionToken: z.string().max(16384).optional(),
})
export type Secret = z.infer<typeof secretSchema>

export const accountTestStepIds = ['reachable', 'signed', 'list', 'write', 'conditional', 'versioning'] as const

export const accountTestStepSchema = z.object({
  id: z.enum(accountTestStepIds),
  outcome: z.enum(['passed', 'warning', 'failed', 'skipped']),
  /** What was found, in words for the person. */
  summary: z.string(),
})
export type AccountTestStep = z.infer<typeof accountTestStepSchema>

/** A step that has begun, or that is over; the last one told of a step is what became of it. */
export const accountTestProgressSchema = z.union([
  accountTestStepSchema,
  z.object({ id: z.enum(accountTestStepIds), outcome: z.literal('running') }),
])
export type AccountTestProgress = z.infer<typeof accountTestProgressSchema>

export const accountTestSchema = z.object({
  steps: z.array(accountTestStepSchema),
  /** Buckets these keys may list; absent where the keys may not list buckets. */
  buckets: z.array(z.string()).optional(),
  capabilities: capabilitiesSchema.optional(),
})
export type AccountTest = z.infer<typeof accountTestSchema>
