/**
 * The host's end of the worker protocol, without Electron and without Node, so that main and the CLI speak it alike.
 * Owns: request numbers, deadlines, validation of what arrives, and the repair of a gap in the events by a snapshot.
 * Must hold: every request settles exactly once (reply, deadline, or the port's end); a notice is delivered once and at
 * once, whatever the repair is doing; a snapshot never overwrites an event newer than itself.
 */
import type { z } from 'zod'
import { t, type MessageKey } from '../language/language.ts'
import { ProblemError, type Problem } from './problem.ts'
import {
  workerMessageSchema,
  workerRequests,
  type DriveEvent,
  type HostMessage,
  type WorkerMessage,
  type WorkerParams,
  type WorkerRequestName,
  type WorkerResult,
} from './worker-protocol.ts'

/** Electron's utility process or Node's child process behind one shape. */
export interface WorkerPort {
  post(message: HostMessage): void
  onMessage(listener: (message: unknown) => void): void
  /** The worker is gone; `problem` says how it ended. */
  onClose(listener: (problem: Problem) => void): void
}

export type DriveSnapshot = WorkerResult<'drive:snapshot'>

export type WorkerLinkOptions = {
  port: WorkerPort
  onEvent(event: DriveEvent): void
  /** Replaces what earlier events said of status and transfers. */
  onSnapshot(snapshot: DriveSnapshot): void
  /** A message that does not fit the contract: dropped, and told here for the log. */
  onViolation?(explanation: string): void
}

type Waiting = {
  name: WorkerRequestName
  resolve(result: unknown): void
  reject(error: Error): void
  timer: ReturnType<typeof setTimeout>
}

type Sequenced = { sequence: number; event: DriveEvent }

/** State events that may wait for a snapshot; more than this and the snapshot is asked for again instead. */
const maxHeldEvents = 1000
const snapshotDeadlineMs = 15_000

export class WorkerLink {
  readonly #options: WorkerLinkOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #ready: Promise<void>
  #settleReady: { resolve(): void; reject(error: Error): void } = { resolve() {}, reject() {} }
  #nextRequestId = 1
  #lastSequence = 0
  /** State events received while a snapshot is on its way; undefined when none is. */
  #held: Sequenced[] | undefined
  /** Of the last gap: a snapshot older than this does not repair it. */
  #lastMissed = 0
  #closed: Problem | undefined

  constructor(options: WorkerLinkOptions) {
    this.#options = options
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    // Nobody may be waiting for readiness when the worker ends; that alone is no unhandled rejection.
    this.#ready.catch(() => {})
    options.port.onMessage((message) => this.#receive(message))
    options.port.onClose((problem) => this.close(problem))
  }

  /** Resolves at the worker's `ready`; rejects when it ends first or the deadline passes. */
  async ready(deadlineMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new ProblemError(unanswered('shared.worker.not-started', deadlineMs))),
        deadlineMs,
      )
    })
    try {
      await Promise.race([this.#ready, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Rejects with a ProblemError: the worker's own, or `worker-crashed` when none came within `deadlineMs`. */
  request<N extends WorkerRequestName>(
    name: N,
    params: WorkerParams<N>,
    options: { deadlineMs: number },
  ): Promise<WorkerResult<N>> {
    if (this.#closed) return Promise.reject(new ProblemError(this.#closed))
    const requestId = this.#nextRequestId++
    return new Promise<WorkerResult<N>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId)
        reject(new ProblemError(unanswered('shared.worker.not-answered', options.deadlineMs, name)))
      }, options.deadlineMs)
      this.#waiting.set(requestId, { name, resolve: (result) => resolve(result as WorkerResult<N>), reject, timer })
      try {
        this.#options.port.post({ type: 'request', requestId, name, params })
      } catch (error) {
        this.#take(requestId)
        reject(new ProblemError(lost(error)))
      }
    })
  }

  /** Brings what the worker knows now to `onSnapshot`; used after a mount, and by itself after a gap. */
  async refresh(): Promise<void> {
    if (!this.#held) await this.#repair()
  }

  /** Every open request rejects with `problem`, and so does every later one. */
  close(problem: Problem): void {
    if (this.#closed) return
    this.#closed = problem
    this.#held = undefined
    this.#settleReady.reject(new ProblemError(problem))
    for (const requestId of [...this.#waiting.keys()]) this.#take(requestId)?.reject(new ProblemError(problem))
  }

  #receive(raw: unknown): void {
    if (this.#closed) return
    const parsed = workerMessageSchema.safeParse(raw)
    if (!parsed.success) {
      this.#options.onViolation?.(`message from the worker: ${parsed.error.message}`)
      return
    }
    const message = parsed.data
    if (message.type === 'ready') this.#settleReady.resolve()
    else if (message.type === 'reply') this.#settle(message)
    else this.#sequence(message)
  }

  #settle(reply: Extract<WorkerMessage, { type: 'reply' }>): void {
    const waiting = this.#take(reply.requestId)
    if (!waiting) return // answered after its deadline
    if (!reply.ok) {
      waiting.reject(new ProblemError(reply.problem))
      return
    }
    const schema: z.ZodType = workerRequests[waiting.name].result
    const result = schema.safeParse(reply.result)
    if (result.success) waiting.resolve(result.data)
    else {
      this.#options.onViolation?.(`reply to ${waiting.name}: ${result.error.message}`)
      waiting.reject(
        new ProblemError({ code: 'internal', message: t('shared.worker.not-understood'), detail: waiting.name }),
      )
    }
  }

  #sequence({ sequence, event }: Sequenced): void {
    if (sequence <= this.#lastSequence) return
    const isGap = sequence !== this.#lastSequence + 1
    this.#lastSequence = sequence
    if (isGap) this.#lastMissed = sequence - 1
    if (isGap && !this.#held) void this.#repair()
    this.#options.onEvent(event)
    if (this.#held && isState(event)) this.#held.push({ sequence, event })
  }

  async #repair(): Promise<void> {
    const held: Sequenced[] = []
    this.#held = held
    try {
      const snapshot = await this.request('drive:snapshot', {}, { deadlineMs: snapshotDeadlineMs })
      if (this.#closed) return
      if (held.length > maxHeldEvents || snapshot.sequence < this.#lastMissed) {
        await this.#repair()
        return
      }
      this.#held = undefined
      this.#lastSequence = Math.max(this.#lastSequence, snapshot.sequence)
      this.#options.onSnapshot(snapshot)
      for (const { sequence, event } of held) if (sequence > snapshot.sequence) this.#options.onEvent(event)
    } catch (error) {
      this.#held = undefined
      this.#options.onViolation?.(`no snapshot after a gap: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #take(requestId: number): Waiting | undefined {
    const waiting = this.#waiting.get(requestId)
    if (!waiting) return undefined
    this.#waiting.delete(requestId)
    clearTimeout(waiting.timer)
    return waiting
  }
}

function isState(event: DriveEvent): boolean {
  return event.kind === 'status:changed' || event.kind === 'transfers:changed'
}

function unanswered(key: MessageKey, deadlineMs: number, detail?: WorkerRequestName): Problem {
  return {
    code: 'worker-crashed',
    message: t(key, { seconds: Math.round(deadlineMs / 1000) }),
    consequence: t('shared.worker.kept'),
    remedy: t('shared.worker.remedy'),
    ...(detail === undefined ? {} : { detail }),
  }
}

function lost(error: unknown): Problem {
  return {
    code: 'worker-crashed',
    message: t('shared.worker.unreachable'),
    detail: error instanceof Error ? error.message : String(error),
  }
}
