/** Which object a link to a file would be to; a file that the bucket has not got as it is here is refused, in words. */
import { ProblemError, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Journal } from '../journal/journal.ts'
import type { Node } from '../metadata/node.ts'

/** Throws ProblemError. */
export function shareableKey(path: string, node: Node, journal: Pick<Journal, 'putOf'>): string {
  const problem = refusalOf(path, node, journal)
  if (problem !== undefined) throw new ProblemError(problem)
  return node.remote?.key ?? ''
}

function refusalOf(path: string, node: Node, journal: Pick<Journal, 'putOf'>): Problem | undefined {
  const code = 'invalid-input'
  if (node.kind === 'directory')
    return { code, message: t('worker.share-folder', { path }), remedy: t('worker.share-folder.remedy') }
  if (node.kind === 'symlink')
    return { code, message: t('worker.share-link', { path }), remedy: t('worker.share-link.remedy') }
  if (node.isLocalOnly)
    return {
      code,
      message: t('worker.share-local', { path }),
      remedy: t('worker.share-local.remedy'),
    }
  const put = journal.putOf(node.id)
  if (put?.status.state === 'conflict')
    return {
      code: 'conflict',
      message: t('worker.share-conflict', { path }),
      remedy: t('worker.share-conflict.remedy'),
    }
  if (put !== undefined || node.isContentDirty || node.remote === undefined)
    return {
      code,
      message: t('worker.share-unsent', { path }),
      consequence: t('worker.share-unsent.consequence'),
      remedy: t('worker.share-unsent.remedy'),
    }
  return undefined
}
