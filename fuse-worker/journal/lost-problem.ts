/** What a person is told of bytes that were saved here, are not in the bucket, and are gone from the cache. */
import type { Problem } from '../../contracts/problem.ts'
import { listed } from './rebuilt-problem.ts'

export function lostProblem(paths: readonly string[]): Problem {
  return {
    code: 'content-lost',
    message: `Part of what was saved to ${listed(paths)} is missing from the cache on this computer.`,
    consequence:
      'It is not uploaded, and the version in the bucket is as it was. What is left of the file can be read; the missing part cannot.',
    remedy: 'Save it again from the program that made it, and then choose Retry.',
  }
}
