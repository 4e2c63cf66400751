/** How a drive's operations stand, as its status tells: which wait for a person, which were paused by one, and why the first is blocked. */
import type { DriveStatus } from '../../contracts/drive.ts'
import type { Problem } from '../../contracts/problem.ts'
import { isHeld, type Operation } from '../journal/operation.ts'

type Standing = Pick<DriveStatus, 'needsAttention' | 'conflicts' | 'pausedOperations'> & {
  blockedBy: Problem | undefined
}

export function standingOf(operations: Iterable<Pick<Operation, 'status'>>): Standing {
  const standing: Standing = { needsAttention: 0, conflicts: 0, pausedOperations: 0, blockedBy: undefined }
  for (const operation of operations) {
    const { status } = operation
    if (isHeld(operation)) standing.pausedOperations++
    else if (status.state === 'blocked') {
      standing.needsAttention++
      standing.blockedBy ??= status.problem
    } else if (status.state === 'conflict') {
      standing.needsAttention++
      standing.conflicts++
    }
  }
  return standing
}
