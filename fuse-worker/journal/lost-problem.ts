/** What a person is told of bytes that were saved here, are not in the bucket, and are gone from the cache. */
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { listed } from './rebuilt-problem.ts'

export function lostProblem(paths: readonly string[]): Problem {
  return {
    code: 'content-lost',
    message: t('worker.content-lost', { names: listed(paths) }),
    consequence: t('worker.content-lost.consequence'),
    remedy: t('worker.content-lost.remedy'),
  }
}
