import { describe, expect, it } from 'vitest'
import type { Problem } from '../contracts/problem.ts'
import { backOffMs, driveState, step, type Lifecycle, type LifecycleEvent } from './drive-lifecycle.ts'

const crash: Problem = { code: 'worker-crashed', message: 'exit code 139' }
const notEmpty: Problem = { code: 'mountpoint-not-empty', message: 'has files' }
const offline: Problem = { code: 'offline', message: 'no network' }

const unmounted: Lifecycle = { phase: 'unmounted' }
const starting = (crashes: number): Lifecycle => ({ phase: 'starting', crashes })
const mounted = (crashes: number, sinceMs: number): Lifecycle => ({ phase: 'mounted', crashes, sinceMs })
const stopping: Lifecycle = { phase: 'stopping', crashes: 2, sinceMs: 0 }
const failed: Lifecycle = { phase: 'failed', problem: notEmpty }
const waiting = (crashes: number, retryAtMs: number, problem = crash): Lifecycle => ({
  phase: 'waiting',
  crashes,
  retryAtMs,
  problem,
})

const ended: LifecycleEvent = { kind: 'worker:ended', problem: crash }
const mountAsked: LifecycleEvent = { kind: 'mount:asked' }
const unmountAsked: LifecycleEvent = { kind: 'unmount:asked' }
const mountFailed = (problem: Problem): LifecycleEvent => ({ kind: 'mount:failed', problem })

describe('the life of a drive', () => {
  it.each<[string, Lifecycle, LifecycleEvent, Lifecycle]>([
    ['a mount starts a worker', unmounted, mountAsked, starting(0)],
    ['a failed drive can be mounted again', failed, mountAsked, starting(0)],
    ['a failure is put away by unmounting', failed, unmountAsked, unmounted],
    ['a worker that mounts is mounted from now', starting(3), { kind: 'mount:succeeded' }, mounted(3, 1000)],
    ['a first mount that is refused fails at once', starting(0), mountFailed(notEmpty), failed],
    [
      'a first mount that cannot reach its bucket fails at once',
      starting(0),
      mountFailed(offline),
      { phase: 'failed', problem: offline },
    ],
    [
      'after a crash, what may pass by itself is tried again',
      starting(1),
      mountFailed(offline),
      waiting(2, 1500, offline),
    ],
    ['after a crash, what does not pass by itself fails', starting(1), mountFailed(notEmpty), failed],
    ['a worker that dies while it mounts is started again', starting(0), ended, waiting(1, 1250)],
    ['a second mount changes nothing', starting(0), mountAsked, starting(0)],
    ['a mounted worker that dies is started again', mounted(0, 0), ended, waiting(1, 1250)],
    ['one that dies young waits longer', mounted(3, 500), ended, waiting(4, 3000)],
    ['15 s of health forgive earlier crashes', mounted(5, -14_000), ended, waiting(1, 1250)],
    ['the wait ends in a start', waiting(4, 0), { kind: 'retry:due' }, starting(4)],
    ['a person need not wait', waiting(4, 9e9), mountAsked, starting(4)],
    ['unmounting ends the waiting', waiting(4, 9e9), unmountAsked, unmounted],
    ['unmounting a mounted drive stops it', mounted(2, 0), unmountAsked, stopping],
    ['an unmounted worker is ended', stopping, { kind: 'unmount:succeeded' }, unmounted],
    ['a drive in use stays mounted', stopping, { kind: 'unmount:refused' }, mounted(2, 0)],
    ['a worker that dies while it unmounts is not started again', stopping, ended, { phase: 'failed', problem: crash }],
    ['a late end of a worker changes nothing', unmounted, ended, unmounted],
    ['a late retry changes nothing', unmounted, { kind: 'retry:due' }, unmounted],
  ])('%s', (_title, before, event, after) => {
    expect(step(before, event, 1000)).toEqual(after)
  })

  it('the delay doubles from 250 ms to 15 s', () => {
    expect([1, 2, 3, 6, 7, 8, 1e6].map(backOffMs)).toEqual([250, 500, 1000, 8000, 15_000, 15_000, 15_000])
  })

  it('waiting is shown as restarting, with the reason and the time', () => {
    expect(driveState(waiting(1, 5))).toEqual({ state: 'restarting', retryAt: 5, problem: crash })
  })
})
