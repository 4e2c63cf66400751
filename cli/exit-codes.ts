/** What a script can rely on; documented by `cloudmount --help`. */
import type { ProblemCode } from '../contracts/problem.ts'

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notMounted: 3,
  credentials: 4,
  unreachable: 5,
  mountpoint: 6,
  pendingLeft: 7,
} as const

export function exitCodeOf(code: ProblemCode): number {
  switch (code) {
    case 'invalid-input':
      return exitCodes.usage
    case 'not-found':
      return exitCodes.notMounted
    case 'access-key-unknown':
    case 'secret-wrong':
    case 'token-expired':
    case 'access-denied':
    case 'profile-unknown':
    case 'clock-skewed':
      return exitCodes.credentials
    case 'endpoint-unreachable':
    case 'proxy-unreachable':
    case 'proxy-refused':
    case 'endpoint-not-s3':
    case 'tls-untrusted':
    case 'bucket-unknown':
    case 'region-wrong':
    case 'offline':
      return exitCodes.unreachable
    case 'fuse-missing':
    case 'fuse-not-permitted':
    case 'mountpoint-missing':
    case 'mountpoint-not-directory':
    case 'mountpoint-not-empty':
    case 'mountpoint-busy':
    case 'mountpoint-stale':
    case 'mountpoint-inside-drive':
    case 'mountpoint-not-permitted':
    case 'mount-failed':
    case 'drive-busy':
    case 'drive-in-use':
      return exitCodes.mountpoint
    default:
      return exitCodes.failed
  }
}

export const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not mounted, 4 keys or permissions, 5 endpoint or bucket not reachable,
6 mountpoint or FUSE, 7 unmounted with changes left in the queue.`
