/**
 * What was asked of the server, for tests that assert on traffic (how many requests, how many bytes, none at all). Bounded:
 * the oldest entries go first; the counters do not forget.
 */
export type LoggedRequest = {
  at: number
  requestId: string
  method: string
  operation: string
  bucket: string | undefined
  key: string | undefined
  accessKeyId: string | undefined
  status: number
  errorCode: string | undefined
  /** Of bodies, after decoding. */
  receivedBytes: number
  sentBytes: number
  /** The Range header, where there was one. */
  range: string | undefined
}

const MAX_ENTRIES = 20_000

export class RequestLog {
  #entries: LoggedRequest[] = []
  #counts = new Map<string, number>()
  #watchers = new Set<(entry: LoggedRequest) => void>()

  add(entry: LoggedRequest): void {
    this.#entries.push(entry)
    if (this.#entries.length > MAX_ENTRIES * 1.1) this.#entries.splice(0, this.#entries.length - MAX_ENTRIES)
    this.#counts.set(entry.operation, (this.#counts.get(entry.operation) ?? 0) + 1)
    for (const watcher of this.#watchers) watcher(entry)
  }

  /** Oldest first. */
  entries(filter: Partial<LoggedRequest> = {}): LoggedRequest[] {
    const wanted = Object.entries(filter) as [keyof LoggedRequest, unknown][]
    return this.#entries.filter((entry) => wanted.every(([name, value]) => entry[name] === value))
  }

  /** Of one operation (`PutObject`, …), or of all. */
  count(operation?: string): number {
    if (operation !== undefined) return this.#counts.get(operation) ?? 0
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Calls back for every later request; returns how to stop it. */
  watch(watcher: (entry: LoggedRequest) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  clear(): void {
    this.#entries = []
    this.#counts.clear()
  }
}
