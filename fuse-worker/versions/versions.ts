/** What a bucket with versioning still holds of a drive's files: listed, read, and brought back. */
import type { Preview } from '../../contracts/conflict.ts'
import { ProblemError } from '../../contracts/problem.ts'
import type {
  DeletedFiles,
  FileVersions,
  RestoreOutcome,
  UndeleteOutcome,
  VersionPlace,
} from '../../contracts/version.ts'

const notYet = (): Promise<never> =>
  Promise.reject(new ProblemError({ code: 'internal', message: 'This drive cannot show versions yet.' }))

export class Versions {
  list(_path: string): Promise<FileVersions> {
    return notYet()
  }

  preview(_of: VersionPlace, _atMostBytes: number | undefined): Promise<Preview> {
    return notYet()
  }

  save(_of: VersionPlace, _target: string): Promise<void> {
    return notYet()
  }

  restore(_of: VersionPlace, _currentEtag: string | undefined): Promise<RestoreOutcome> {
    return notYet()
  }

  deleted(_path: string, _after: string | undefined): Promise<DeletedFiles> {
    return notYet()
  }

  undelete(_files: readonly VersionPlace[]): Promise<UndeleteOutcome[]> {
    return notYet()
  }
}
