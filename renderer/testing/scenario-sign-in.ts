import type { Account } from '../../contracts/account.ts'
import type { DriveStatus } from '../../contracts/drive.ts'
import type { Problem } from '../../contracts/problem.ts'

const expired: Problem = {
  code: 'token-expired',
  message: 'The temporary credentials (the profile “work” in ~/.aws) have expired or are not valid.',
  remedy: 'Sign in again (for a profile: `aws sso login`), or enter new keys and a new session token.',
}

/** One drive each: its account's way of signing in, and what it says of itself. */
export function signIns(long: string): { credentials: Account['credentials']; status: Partial<DriveStatus> }[] {
  const signedOut = { connection: 'signed-out', problem: expired, cachedBytes: 9e9 } as const
  const command = (profile: string) => `aws sso login --profile '${profile}'`
  return [
    {
      credentials: { kind: 'profile', profile: 'work' },
      status: {
        ...signedOut,
        signIn: { endsAt: Date.now() - 120_000, command: 'aws sso login --profile work' },
        pendingOperations: 3,
        unsyncedBytes: 12_400_000,
      },
    },
    { credentials: { kind: 'static', accessKeyId: 'ASIAEXAMPLE' }, status: { ...signedOut, signIn: {} } },
    { credentials: { kind: 'profile', profile: 'saml' }, status: { ...signedOut, signIn: {}, pendingOperations: 1 } },
    {
      credentials: { kind: 'profile', profile: long },
      status: { signIn: { endsAt: Date.now() + 480_000, command: command(long) }, cachedBytes: 84e6 },
    },
  ]
}
