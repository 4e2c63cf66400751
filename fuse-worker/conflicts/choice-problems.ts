/** What a person is told when a choice cannot be carried out. */
import { problemFrom, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { isDiskFull } from '../cache/room.ts'
import { StoreError } from '../s3/store.ts'

export function problemOf(error: unknown): Problem {
  if (error instanceof StoreError) return error.problem
  if (!isDiskFull(error)) return problemFrom(error)
  return {
    code: 'disk-full',
    message: t('worker.choice-no-room'),
    consequence: t('worker.choice-no-room.consequence'),
    remedy: t('worker.choice-no-room.remedy'),
  }
}

export function openProblem(path: string): Problem {
  return {
    code: 'drive-busy',
    message: t('worker.choice-open', { path }),
    consequence: t('worker.choice-open.consequence'),
    remedy: t('worker.choice-open.remedy'),
  }
}
