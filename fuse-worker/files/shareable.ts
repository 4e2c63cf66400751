/** Which object a link to a file would be to; a file that the bucket has not got as it is here is refused, in words. */
import { ProblemError, type Problem } from '../../contracts/problem.ts'
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
    return { code, message: `“${path}” is a folder: a link leads to one file.`, remedy: 'Share the files in it.' }
  if (node.kind === 'symlink')
    return { code, message: `“${path}” is a link to another file.`, remedy: 'Share the file it leads to.' }
  if (node.isLocalOnly)
    return {
      code,
      message: `“${path}” stays on this computer only, so nobody else can be given a link to it.`,
      remedy: 'Give it another name to have it uploaded.',
    }
  const put = journal.putOf(node.id)
  if (put?.status.state === 'conflict')
    return {
      code: 'conflict',
      message: `“${path}” is in conflict: there are two versions of it.`,
      remedy: 'Settle it first.',
    }
  if (put !== undefined || node.isContentDirty || node.remote === undefined)
    return {
      code,
      message: `“${path}” is not in the bucket yet as it is here, so a link would lead to something else.`,
      consequence: 'Its changes are safe on this computer and are being uploaded.',
      remedy: 'Try again when it is uploaded.',
    }
  return undefined
}
