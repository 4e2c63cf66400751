/** What an operation does next after an attempt at it failed. Pure but for what it is given. */
import { problemFrom, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { isDiskFull } from '../cache/room.ts'
import { heldStatus, type OperationState } from '../journal/operation.ts'
import { assertNever } from '../runtime/assert-never.ts'
import { StoreError } from '../s3/store.ts'
import { retryDelayMs } from './backoff.ts'

function noRoom(): Problem {
  return {
    code: 'disk-full',
    message: t('worker.fetch-no-room'),
    consequence: t('worker.fetch-no-room.consequence'),
    remedy: t('worker.fetch-no-room.remedy'),
  }
}

/** Whether somebody has seen to this kind of error; any other one is a defect. */
export function isForeseen(error: unknown): boolean {
  return error instanceof StoreError || isDiskFull(error)
}

/** `attempts` is how many there were; `isHeld` says that a person stopped this one; `random` is in [0, 1). */
export function statusAfter(
  error: unknown,
  { attempts, isHeld, nowMs, random }: { attempts: number; isHeld: boolean; nowMs: number; random: number },
): OperationState {
  const waiting = (problem: Problem): OperationState => {
    return { state: 'waiting', retryAtMs: nowMs + retryDelayMs(Math.max(1, attempts), random), problem }
  }
  if (isHeld && !isRefused(error)) return heldStatus()
  if (!(error instanceof StoreError)) return waiting(isDiskFull(error) ? noRoom() : problemFrom(error))
  switch (error.kind) {
    case 'retry':
    case 'absent':
    case 'conflict':
      return waiting(error.problem)
    case 'cancelled':
    case 'offline':
      return { state: 'queued' }
    case 'blocked':
    case 'invalid':
      return { state: 'blocked', problem: error.problem }
    default:
      return assertNever(error.kind)
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof StoreError && (error.kind === 'blocked' || error.kind === 'invalid')
}
