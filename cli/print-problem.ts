/** Problems on a terminal: what happened, what became of the data, what to do. */
import { problemFrom, type Problem } from '../contracts/problem.ts'
import { exitCodeOf } from './exit-codes.ts'

export function printProblem(problem: Problem): void {
  const lines = [`cloudmount: ${problem.message}`]
  if (problem.consequence !== undefined) lines.push(`  ${problem.consequence}`)
  if (problem.remedy !== undefined) lines.push(`  ${problem.remedy}`)
  if (problem.detail !== undefined) lines.push(`  (${problem.detail})`)
  process.stderr.write(lines.join('\n') + '\n')
}

/** Prints it and says with which code to end. */
export function reportFailure(error: unknown): number {
  const problem = problemFrom(error)
  printProblem(problem)
  return exitCodeOf(problem.code)
}
