/**
 * What becomes of a drive's worker, decided purely: no process, no timer, no clock. The supervisor tells what happened
 * and acts on the phase that follows: `starting` starts a worker, `waiting` sets a timer for `retry:due`, and only
 * `starting`, `mounted` and `stopping` have a worker at all. A worker that dies is started again after 250 ms, doubling to 15 s; 15 s of health forgive
 * what was before.
 */
import type { DriveState } from '../contracts/drive.ts'
import type { Problem, ProblemCode } from '../contracts/problem.ts'
import { assertNever } from './assert-never.ts'

export type Lifecycle =
  | { phase: 'unmounted' }
  | { phase: 'starting'; crashes: number }
  | { phase: 'mounted'; crashes: number; sinceMs: number }
  | { phase: 'stopping'; crashes: number; sinceMs: number }
  | { phase: 'waiting'; crashes: number; retryAtMs: number; problem: Problem }
  | { phase: 'failed'; problem: Problem }

export type LifecycleEvent =
  | { kind: 'mount:asked' }
  | { kind: 'mount:succeeded' }
  /** The worker lives and says why it cannot mount, or its parameters could not be had. */
  | { kind: 'mount:failed'; problem: Problem }
  | { kind: 'worker:ended'; problem: Problem }
  | { kind: 'retry:due' }
  | { kind: 'unmount:asked' }
  | { kind: 'unmount:succeeded' }
  /** The worker lives and the drive stays mounted. */
  | { kind: 'unmount:refused' }

export const firstDelayMs = 250
export const longestDelayMs = 15_000
export const healthyAfterMs = 15_000

/** Coming back after a crash is worth another try unless the reason will not pass by itself. */
const permanentProblems: ReadonlySet<ProblemCode> = new Set([
  'fuse-missing',
  'fuse-not-permitted',
  'mountpoint-missing',
  'mountpoint-not-directory',
  'mountpoint-not-empty',
  'mountpoint-not-permitted',
  'mountpoint-inside-drive',
  'database-newer',
  'database-damaged',
  'invalid-input',
])

export function step(now: Lifecycle, event: LifecycleEvent, nowMs: number): Lifecycle {
  switch (now.phase) {
    case 'unmounted':
    case 'failed':
      if (event.kind === 'mount:asked') return { phase: 'starting', crashes: 0 }
      if (event.kind === 'unmount:asked') return { phase: 'unmounted' }
      return now
    case 'starting':
      return stepStarting(now, event, nowMs)
    case 'mounted':
      if (event.kind === 'unmount:asked') return { ...now, phase: 'stopping' }
      if (event.kind === 'worker:ended') {
        const isHealthy = nowMs - now.sinceMs >= healthyAfterMs
        return wait(isHealthy ? 1 : now.crashes + 1, event.problem, nowMs)
      }
      return now
    case 'stopping':
      if (event.kind === 'unmount:succeeded') return { phase: 'unmounted' }
      if (event.kind === 'unmount:refused') return { ...now, phase: 'mounted' }
      if (event.kind === 'worker:ended') return { phase: 'failed', problem: event.problem }
      return now
    case 'waiting':
      if (event.kind === 'mount:asked' || event.kind === 'retry:due') return { phase: 'starting', crashes: now.crashes }
      if (event.kind === 'unmount:asked') return { phase: 'unmounted' }
      return now
    default:
      return assertNever(now)
  }
}

function stepStarting(now: Lifecycle & { phase: 'starting' }, event: LifecycleEvent, nowMs: number): Lifecycle {
  if (event.kind === 'mount:succeeded') return { phase: 'mounted', crashes: now.crashes, sinceMs: nowMs }
  if (event.kind === 'worker:ended') return wait(now.crashes + 1, event.problem, nowMs)
  if (event.kind !== 'mount:failed') return now
  const isFirstTry = now.crashes === 0
  if (isFirstTry || permanentProblems.has(event.problem.code)) return { phase: 'failed', problem: event.problem }
  return wait(now.crashes + 1, event.problem, nowMs)
}

function wait(crashes: number, problem: Problem, nowMs: number): Lifecycle {
  return { phase: 'waiting', crashes, retryAtMs: nowMs + backOffMs(crashes), problem }
}

export function backOffMs(crashes: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(crashes - 1, 16))
}

/** What the window is told. */
export function driveState(lifecycle: Lifecycle): DriveState {
  switch (lifecycle.phase) {
    case 'unmounted':
      return { state: 'unmounted' }
    case 'starting':
      return { state: 'mounting' }
    case 'mounted':
      return { state: 'mounted' }
    case 'stopping':
      return { state: 'unmounting' }
    case 'waiting':
      return { state: 'restarting', retryAt: lifecycle.retryAtMs, problem: lifecycle.problem }
    case 'failed':
      return { state: 'failed', problem: lifecycle.problem }
    default:
      return assertNever(lifecycle)
  }
}
