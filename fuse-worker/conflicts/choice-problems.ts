/** What a person is told when a choice cannot be carried out. */
import { problemFrom, type Problem } from '../../contracts/problem.ts'
import { isDiskFull } from '../cache/room.ts'
import { StoreError } from '../s3/store.ts'

export function problemOf(error: unknown): Problem {
  if (error instanceof StoreError) return error.problem
  if (!isDiskFull(error)) return problemFrom(error)
  return {
    code: 'disk-full',
    message: 'There is no room on this computer to keep the version that your choice replaces.',
    consequence: 'Nothing was changed: both versions are still there.',
    remedy: 'Free some disk space. It goes on by itself; or take the choice back.',
  }
}

export function openProblem(path: string): Problem {
  return {
    code: 'drive-busy',
    message: `“${path}” is open in a program.`,
    consequence: 'Nothing was changed.',
    remedy: 'Close it there, and save the merged text again.',
  }
}
