/** What a person is told of a damaged database: when it is met, and after it was put together anew. */
import { join } from 'node:path'
import type { Problem } from '../../contracts/problem.ts'
import { namesInWords } from '../../language/lists.ts'
import { t, type MessageKey } from '../../language/language.ts'
import type { Rebuilt } from './rebuild.ts'

const namesShown = 5

export function rebuiltProblem(rebuilt: Rebuilt, cacheDirectory: string): Problem {
  const { files, otherChanges, lostKeys, unexplainedChunks = 0 } = rebuilt
  const changes = { files: files.length, names: listed(files), others: otherChanges }
  const consequence = [
    files.length + otherChanges === 0 ? t('worker.rebuilt.nothing') : t(putBackKey(changes), changes),
    ...(lostKeys.length === 0 ? [] : [t('worker.rebuilt.lost', { names: listed(lostKeys) })]),
    ...(unexplainedChunks === 0 ? [] : [t('worker.rebuilt.unexplained', { count: unexplainedChunks })]),
    t('worker.rebuilt.bucket'),
  ]
  return {
    code: 'database-rebuilt',
    message: t('worker.rebuilt'),
    consequence: consequence.join(' '),
    remedy: t('worker.rebuilt.remedy', { folder: join(cacheDirectory, rebuilt.directory) }),
    detail: rebuilt.reason,
  }
}

export function damagedProblem(error: unknown): Problem {
  return {
    code: 'database-damaged',
    message: t('worker.database-damaged'),
    consequence: t('worker.database-damaged.consequence'),
    detail: error instanceof Error ? error.message : String(error),
  }
}

function putBackKey({ files, others }: { files: number; others: number }): MessageKey {
  if (others === 0) return 'worker.rebuilt.files'
  return files === 0 ? 'worker.rebuilt.others' : 'worker.rebuilt.both'
}

export function listed(names: readonly string[]): string {
  return namesInWords(
    names.map((name) => `“${name}”`),
    namesShown,
  )
}
