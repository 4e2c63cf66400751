/** What came of carrying one operation to the bucket. */
import type { Problem } from '../../contracts/problem.ts'
import type { ObjectHead } from '../s3/store.ts'

export type RunResult =
  | { kind: 'done' }
  /** Something changed meanwhile, here or in what is known of the bucket: it is to be tried again as it is now. */
  | { kind: 'outdated' }
  | { kind: 'failed'; error: unknown }
  /** The bucket's version is not the one the change was built on. */
  | { kind: 'conflict'; problem: Problem; theirs: ObjectHead | undefined }
