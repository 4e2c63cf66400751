/** What the words after `unmount` ask for: wait for the uploads, and how long, or leave them queued. */
import { ProblemError } from '../contracts/problem.ts'

export type UnmountChoice = { pending: 'wait' | 'leave'; deadlineMs: number }

const defaultWaitSeconds = 600

/** Throws ProblemError `invalid-input`. */
export function unmountChoice({ wait, leave }: { wait?: string | true; leave?: boolean }): UnmountChoice {
  if (leave === true && wait !== undefined) {
    throw new ProblemError({ code: 'invalid-input', message: 'Give --wait or --leave, not both.' })
  }
  if (leave === true) return { pending: 'leave', deadlineMs: 0 }
  const seconds = wait === undefined || wait === true ? defaultWaitSeconds : Number(wait)
  if (wait === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new ProblemError({ code: 'invalid-input', message: '--wait takes seconds, as in --wait=60.' })
  }
  return { pending: 'wait', deadlineMs: seconds * 1000 }
}
