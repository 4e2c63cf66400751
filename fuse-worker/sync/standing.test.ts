import { expect, it } from 'vitest'
import { heldStatus, type OperationState } from '../journal/operation.ts'
import { standingOf } from './standing.ts'

const problem = { code: 'access-denied', message: 'Denied.' } as const
const of = (...states: OperationState[]) => standingOf(states.map((status) => ({ status })))

it('a change that was paused needs nobody, and blocks nothing', () => {
  expect(of({ state: 'running' }, heldStatus())).toEqual({
    ...{ needsAttention: 0, conflicts: 0, pausedOperations: 1, blockedBy: undefined },
  })
})

it('a conflict and a refusal need a person', () => {
  const conflict: OperationState = { state: 'conflict', problem, sinceMs: 0 }
  expect(of(heldStatus(), { state: 'blocked', problem }, conflict)).toEqual({
    ...{ needsAttention: 2, conflicts: 1, pausedOperations: 1, blockedBy: problem },
  })
})
