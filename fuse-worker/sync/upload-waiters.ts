/** Callers that wait until the bucket has what one operation stands for, or until something stands in the way. */
import type { Operation } from '../journal/operation.ts'
import { StoreError } from '../s3/store.ts'
import type { ConnectionState } from './connection.ts'

type Waiter = { resolve: () => void; reject: (error: unknown) => void }

export class UploadWaiters {
  readonly #byOperation = new Map<number, Waiter[]>()

  /** Rejects with a StoreError. */
  wait(operation: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const others = this.#byOperation.get(operation) ?? []
      this.#byOperation.set(operation, [...others, { resolve, reject }])
    })
  }

  /** Whether any operation that is waited for is such a one. */
  some(test: (operation: number) => boolean): boolean {
    for (const operation of this.#byOperation.keys()) if (test(operation)) return true
    return false
  }

  ended(operation: number): void {
    for (const { resolve } of this.#take(operation)) resolve()
  }

  /** Whoever waits for something that will take a while, or a person, is told so. */
  changed({ id, status }: Operation): void {
    if (status.state !== 'blocked' && status.state !== 'conflict' && status.state !== 'waiting') return
    const kind = status.state === 'waiting' ? 'retry' : status.state
    for (const { reject } of this.#take(id)) reject(new StoreError(kind, status.problem))
  }

  /** Nobody waits for a network that is not there; what they wait for stays queued. */
  connectionChanged(state: ConnectionState): void {
    if (state.state === 'closed') return
    const error = new StoreError('offline', state.problem)
    for (const id of [...this.#byOperation.keys()]) for (const { reject } of this.#take(id)) reject(error)
  }

  #take(id: number): Waiter[] {
    const waiters = this.#byOperation.get(id) ?? []
    this.#byOperation.delete(id)
    return waiters
  }
}
