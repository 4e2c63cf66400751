/** How the service keeps what a drive writes, in words. */
import type { ObjectEncryption } from '../../../contracts/drive.ts'

type Words = { label: string; detail: string }

/** Those that can be read at once; a service's own names are typed. */
export const storageClassWords: Record<string, Words> = {
  STANDARD: { label: 'Standard', detail: 'For files used often.' },
  INTELLIGENT_TIERING: {
    label: 'Intelligent tiering',
    detail: 'The service moves what is not used to cheaper storage.',
  },
  STANDARD_IA: { label: 'Infrequent access', detail: 'Cheaper to keep, costs more to read.' },
  ONEZONE_IA: { label: 'Infrequent access, one zone', detail: 'As before, in a single data centre.' },
  GLACIER_IR: { label: 'Archive, instant retrieval', detail: 'Cheapest to keep, costs most to read.' },
}

export const encryptionWords: Record<ObjectEncryption['kind'] | 'usual', Words> = {
  usual: { label: 'As the bucket does', detail: 'Nothing is asked for, so the bucket’s own setting holds.' },
  'sse-s3': { label: 'The service’s keys (SSE-S3)', detail: 'Encrypted with keys that the service keeps.' },
  'sse-kms': {
    label: 'Key management (SSE-KMS)',
    detail: 'Encrypted with a key of the account, which these keys must be allowed to use.',
  },
}
