/** What a person is told of a damaged database: when it is met, and after it was put together anew. */
import { join } from 'node:path'
import type { Problem } from '../../contracts/problem.ts'
import type { Rebuilt } from './rebuild.ts'

const namesShown = 5

export function rebuiltProblem(rebuilt: Rebuilt, cacheDirectory: string): Problem {
  const { files, otherChanges, lostKeys, unexplainedChunks = 0 } = rebuilt
  const put = [
    ...(files.length === 0 ? [] : [`${counted(files.length, 'file')} with changes (${listed(files)})`]),
    ...(otherChanges === 0 ? [] : [counted(otherChanges, 'other change')]),
  ]
  const consequence = [
    put.length === 0
      ? 'No changes were waiting for upload.'
      : `Put back, and in the queue for upload: ${put.join(' and ')}.`,
    ...(lostKeys.length === 0 ? [] : [`Could not be put back: ${listed(lostKeys)}.`]),
    ...(unexplainedChunks === 0
      ? []
      : [`Content that belongs to no known file was set aside (${counted(unexplainedChunks, 'piece')}).`]),
    'Nothing in the bucket was overwritten; a file that changed there meanwhile is shown as a conflict.',
  ]
  return {
    code: 'database-rebuilt',
    message: 'The database of this drive was damaged and has been put together again.',
    consequence: consequence.join(' '),
    remedy: `The damaged files are kept in ${join(cacheDirectory, rebuilt.directory)}. Delete that folder when nothing is missing.`,
    detail: rebuilt.reason,
  }
}

export function damagedProblem(error: unknown): Problem {
  return {
    code: 'database-damaged',
    message: 'The database of this drive is damaged.',
    consequence: 'The drive is started again and puts it together from its salvage log; what was saved is kept.',
    detail: error instanceof Error ? error.message : String(error),
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).map((name) => `“${name}”`)
  const more = names.length - shown.length
  return shown.join(', ') + (more === 0 ? '' : ` and ${more} more`)
}
