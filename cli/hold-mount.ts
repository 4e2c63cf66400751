/**
 * The process behind a mount from the command line: holds the worker, starts it again when it dies, answers `status` and `unmount`,
 * and unmounts on a signal. Waits for uploads on the first signal and leaves them queued on the second.
 */
import { mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from '../contracts/account.ts'
import type { Drive } from '../contracts/drive.ts'
import { ProblemError, problemFrom } from '../contracts/problem.ts'
import type { DriveSnapshot } from '../contracts/worker-client.ts'
import { outcomeInWords } from '../contracts/upload-estimate.ts'
import type { WorkerResult } from '../contracts/worker-protocol.ts'
import { serveControl, type ControlRequest } from './control-socket.ts'
import { exitCodes } from './exit-codes.ts'
import { register, socketPathFor, unregister } from './mount-registry.ts'
import { printProblem } from './print-problem.ts'
import { startWorker, type WorkerProcess } from './worker-process.ts'

const mountDeadlineMs = 90_000
const firstPauseMs = 200
const longestPauseMs = 10_000
const healthyMs = 10_000
/** Longer than a lookup on a slow network takes. */
export const pinDeadlineMs = 60_000
const drainMs = 10 * 60_000

export type HoldOptions = {
  drive: Drive
  account: Account
  cacheDirectory: string
  allowOther: boolean | undefined
  onMounted: () => void
}

export async function holdMount(options: HoldOptions): Promise<number> {
  const holder = new MountHolder(options)
  await holder.begin()
  return holder.ended
}

class MountHolder {
  readonly ended: Promise<number>
  readonly #options: HoldOptions
  readonly #socket: string
  #worker: WorkerProcess | undefined
  #end: (code: number) => void = () => undefined
  #isEnding = false
  #isLeaving = false
  #pauseMs = firstPauseMs

  constructor(options: HoldOptions) {
    this.#options = options
    this.#socket = socketPathFor(options.drive.mountpoint)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  async begin(): Promise<void> {
    await this.#mount()
    rmSync(this.#socket, { force: true })
    await serveControl(this.#socket, (request) => this.#answer(request))
    const { drive, cacheDirectory } = this.#options
    const { mountpoint, bucket, prefix } = drive
    register({ mountpoint, bucket, prefix, pid: process.pid, socket: this.#socket, cacheDirectory })
    process.on('SIGINT', () => void this.#onSignal())
    process.on('SIGTERM', () => void this.#onSignal())
    process.on('SIGHUP', () => void this.#onSignal())
    this.#options.onMounted()
  }

  async #mount(): Promise<void> {
    const { drive, account, cacheDirectory, allowOther } = this.#options
    mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 })
    const worker = await startWorker(
      {
        onEvent: (event) => {
          if (event.kind === 'notice:raised') printProblem(event.problem)
          if (event.kind === 'drive:detached') void this.#unmount({ pending: 'leave', deadlineMs: 0, isForced: true })
        },
        onSnapshot: () => undefined,
      },
      this.#logDescriptor(),
    )
    const startedAtMs = Date.now()
    try {
      await worker.link.request(
        'drive:mount',
        { drive, account, secret: {}, cacheDirectory, ...(allowOther === undefined ? {} : { allowOther }) },
        { deadlineMs: mountDeadlineMs },
      )
    } catch (error) {
      worker.child.kill()
      throw error
    }
    this.#worker = worker
    worker.child.once('exit', (code, signal) => {
      if (Date.now() - startedAtMs > healthyMs) this.#pauseMs = firstPauseMs
      void this.#restart(signal ?? `code ${code}`)
    })
  }

  async #restart(reason: string): Promise<void> {
    this.#worker = undefined
    for (;;) {
      if (this.#hasEnded()) return
      process.stderr.write(
        `cloudmount: the drive's process ended (${reason}); starting it again. What was written is kept.\n`,
      )
      await new Promise((resolve) => setTimeout(resolve, this.#pauseMs))
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
      if (this.#hasEnded()) return
      try {
        await this.#mount()
        return
      } catch (error) {
        printProblem(problemFrom(error))
      }
    }
  }

  /** A method, because it changes while something is awaited. */
  #hasEnded(): boolean {
    return this.#isEnding
  }

  #answer(request: ControlRequest): Promise<unknown> {
    switch (request.name) {
      case 'status':
        return this.#snapshot()
      case 'pins':
        return this.#live().link.request('pin:list', {}, { deadlineMs: pinDeadlineMs })
      case 'pin':
        return this.#live().link.request('pin:add', { path: request.path }, { deadlineMs: pinDeadlineMs })
      case 'unpin':
        return this.#live().link.request('pin:remove', { path: request.path }, { deadlineMs: pinDeadlineMs })
      case 'ask':
        return this.#live().link.request(request.request, request.params as never, { deadlineMs: request.deadlineMs })
      case 'sync':
        return this.#live().link.request(
          'drive:sync',
          { deadlineMs: request.deadlineMs },
          { deadlineMs: request.deadlineMs + 10_000 },
        )
      case 'unmount':
        return this.#unmount(request)
    }
  }

  #snapshot(): Promise<DriveSnapshot> {
    return this.#live().link.request('drive:snapshot', {}, { deadlineMs: 10_000 })
  }

  #live(): WorkerProcess {
    if (this.#worker !== undefined) return this.#worker
    throw new ProblemError({ code: 'worker-crashed', message: "The drive's process is being started again." })
  }

  async #unmount(how: {
    pending: 'wait' | 'leave'
    deadlineMs: number
    isForced: boolean
  }): Promise<WorkerResult<'drive:unmount'>> {
    const { pending, deadlineMs, isForced } = how
    const worker = this.#live()
    const result = await worker.link.request(
      'drive:unmount',
      { pending, deadlineMs, isForced },
      { deadlineMs: deadlineMs + 30_000 },
    )
    this.#isEnding = true
    worker.child.disconnect()
    worker.child.kill()
    unregister(this.#options.drive.mountpoint)
    process.stderr.write(`cloudmount: unmounted. ${outcomeInWords(result)}\n`)
    this.#end(result.pendingOperations > 0 ? exitCodes.pendingLeft : exitCodes.done)
    return result
  }

  async #onSignal(): Promise<void> {
    if (this.#isLeaving) {
      process.stderr.write('cloudmount: ended; what is not uploaded yet stays queued for the next mount\n')
      this.#isEnding = true
      this.#worker?.child.kill('SIGKILL')
      unregister(this.#options.drive.mountpoint)
      this.#end(exitCodes.pendingLeft)
      return
    }
    this.#isLeaving = true
    process.stderr.write('cloudmount: unmounting, uploading what is pending; once more to leave it queued\n')
    try {
      await this.#unmount({ pending: 'wait', deadlineMs: drainMs, isForced: false })
    } catch (error) {
      const problem = problemFrom(error)
      if (problem.code === 'worker-crashed') {
        this.#isEnding = true
        unregister(this.#options.drive.mountpoint)
        this.#end(exitCodes.failed)
      } else printProblem(problem)
      this.#isLeaving = false
    }
  }

  #logDescriptor(): number {
    return openSync(join(this.#options.cacheDirectory, 'worker.log'), 'a', 0o600)
  }
}
