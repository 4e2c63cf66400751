/**
 * A problem is an error on its way to a person. Every border that ends at the window or the terminal speaks this form:
 * what happened, to what, what became of the data, and what to do about it.
 */
import { z } from 'zod'
import { t } from '../language/language.ts'

export const problemCodes = [
  // accounts and endpoints
  'access-key-unknown',
  'secret-wrong',
  'token-expired',
  'access-denied',
  'bucket-unknown',
  'endpoint-unreachable',
  'proxy-unreachable',
  'proxy-refused',
  'endpoint-not-s3',
  'tls-untrusted',
  'clock-skewed',
  'region-wrong',
  'profile-unknown',
  'throttled',
  'server-error',
  // drives and mountpoints
  'fuse-missing',
  'fuse-not-permitted',
  'mountpoint-missing',
  'mountpoint-not-directory',
  'mountpoint-not-empty',
  'mountpoint-busy',
  'mountpoint-stale',
  'mountpoint-inside-drive',
  'mountpoint-not-permitted',
  'mount-failed',
  'drive-busy',
  'drive-in-use',
  'worker-crashed',
  'database-newer',
  'database-damaged',
  'database-rebuilt',
  'cache-unusable',
  // transfers
  'conflict',
  'disk-full',
  'content-lost',
  'cache-full',
  'content-damaged',
  'file-too-large',
  'name-too-long',
  'quota-exceeded',
  'cancelled',
  'offline',
  // the rest
  'keychain-unavailable',
  'keys-locked',
  'keys-damaged',
  'passphrase-wrong',
  'invalid-input',
  'not-found',
  'already-exists',
  'internal',
] as const

export const problemCodeSchema = z.enum(problemCodes)
export type ProblemCode = z.infer<typeof problemCodeSchema>

const signInCodes: readonly ProblemCode[] = ['token-expired', 'profile-unknown']

/** There is nothing valid to sign with: nothing is wrong with what was asked for, and all of it waits for a new sign-in. */
export function isSignInProblem({ code }: Problem): boolean {
  return signInCodes.includes(code)
}

export const problemSchema = z.object({
  code: problemCodeSchema,
  /** One sentence: what happened, to which file, drive or account. */
  message: z.string(),
  /** What became of the person's data, where any was at stake. */
  consequence: z.string().optional(),
  /** What the person can do now. */
  remedy: z.string().optional(),
  /** For a support request: S3 error code, request id, errno. Never a secret. */
  detail: z.string().optional(),
})
export type Problem = z.infer<typeof problemSchema>

/** An error that already knows how to present itself. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem, options?: { cause?: unknown }) {
    super(problem.message, options)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** The wire form of anything thrown; an error nobody classified becomes `internal` with its own message. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message, remedy: t('shared.internal.remedy') }
}
