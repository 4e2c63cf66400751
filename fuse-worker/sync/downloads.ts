/**
 * Brings content from the bucket into the cache: ranged GETs pinned to one version (`If-Match`), streamed into chunks,
 * readers woken as bytes arrive. Readers of the same bytes share a download. Never overwrites what is in the cache. What nobody
 * waits for rests while the drive is paused.
 */
import { t } from '../../language/language.ts'
import { chunkBytes, type Content, type ContentStore } from '../cache/content-store.ts'
import { DamagedContent } from '../cache/damaged-content.ts'
import { isDiskFull } from '../cache/room.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeId } from '../metadata/node.ts'
import { StoreError, type ETag, type ObjectStore } from '../s3/store.ts'
import type { DrivePause } from './drive-pause.ts'
import { readThrough } from './read-through.ts'

/** Where the base version of some content is to be had. */
export type Source = { node: NodeId; key: string; etag: ETag }

export interface DownloadObserver {
  downloadProgressed(node: NodeId, receivedBytes: number): void
  downloadStarted(node: NodeId): void
  downloadEnded(node: NodeId, error: unknown): void
}

type Download = {
  position: number
  end: number
  controller: AbortController
  /** Callers that wait for its bytes, and since when. */
  readers: Set<{ sinceMs: number }>
  /** Settles at the next piece; renewed each time. */
  progress: Promise<void>
}

/** A reader this close behind a running download waits for it instead of asking for the same bytes again. */
const patienceBytes = 2 * 1024 * 1024
const largestDownload = chunkBytes
/** A disk that damages everything is not worth more. */
const mostTries = 3
/** Even where the cache is tiny. */
const smallestDownload = 128 * 1024

export class Downloads {
  readonly #store: ObjectStore
  readonly #contents: ContentStore
  readonly #database: DriveDatabase
  readonly #observer: DownloadObserver
  readonly #pause: DrivePause
  readonly #now: () => number
  readonly #running = new Map<number, Set<Download>>()
  /** Calls of `ensure` under way, and who waits until there are none. */
  #urgent = 0
  readonly #whenQuiet: (() => void)[] = []
  readonly #closing = new AbortController()

  constructor(options: {
    store: ObjectStore
    contents: ContentStore
    database: DriveDatabase
    observer: DownloadObserver
    pause: DrivePause
    now: () => number
  }) {
    this.#store = options.store
    this.#contents = options.contents
    this.#database = options.database
    this.#observer = options.observer
    this.#pause = options.pause
    this.#now = options.now
    this.#pause.onChange(() => this.#pauseChanged())
  }

  /**
   * Brings `start`–`end` here and, in the same turn as the last of it came, calls `use`. Where there is no room to keep it, the
   * bytes are handed over all the same. `fetchBytes` is how much to ask for at once. Throws StoreError.
   */
  async deliver<T>(
    content: Content,
    source: () => Source,
    { start, end, fetchBytes }: { start: number; end: number; fetchBytes: number | 'only what is missing' },
    use: (bytes: Buffer | 'in the cache') => T,
  ): Promise<T> {
    const attempt = async (): Promise<T> => {
      try {
        await this.ensure(content, source, start, end, fetchBytes)
      } catch (error) {
        if (!isDiskFull(error)) throw error
        const parts = { store: this.#store, contents: this.#contents, signal: this.#closing.signal }
        return use(await readThrough(parts, content, source, { start, end }))
      }
      return use('in the cache')
    }
    return this.#contents.keeping(content, start, end, async () => {
      for (let tries = 1; ; tries++) {
        try {
          return await attempt()
        } catch (error) {
          const isMissingNow = error instanceof DamagedContent && error.kind === 'fetch again'
          if (!isMissingNow || tries === mostTries) throw error
        }
      }
    })
  }

  /**
   * Returns when `start`–`end` is in the cache, where it stays only while the caller keeps it. Throws StoreError, and DiskFull when
   * there is no room.
   */
  async ensure(
    content: Content,
    source: () => Source,
    start: number,
    end: number,
    fetchBytes: number | 'only what is missing',
  ): Promise<void> {
    this.#urgent++
    const reader = { sinceMs: this.#now() }
    try {
      for (;;) {
        const gap = this.#contents.missing(content, start, end)[0]
        if (gap === undefined) return
        const bytes = typeof fetchBytes === 'number' ? fetchBytes : gap.end - gap.start
        const download = this.#covering(content, gap.start) ?? this.#start(content, source(), gap.start, bytes)
        download.readers.add(reader)
        await download.progress.finally(() => download.readers.delete(reader))
      }
    } finally {
      this.#urgent--
      this.#goOnBehind()
    }
  }

  /** The same of everything that is missing, but no request begins while somebody waits for bytes, or in a pause. */
  async ensureInBackground(content: Content, source: () => Source, arrived: () => void): Promise<void> {
    content.users++
    try {
      for (;;) {
        const gap = this.#contents.missing(content, 0, content.baseSize)[0]
        if (gap === undefined) return
        while (this.#isHeldBack) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve))
        if (this.#closing.signal.aborted) throw closed()
        const download =
          this.#anyCovering(content, gap.start) ?? this.#start(content, source(), gap.start, largestDownload)
        await download.progress.catch((error: unknown) => {
          // Ended by a pause, which may be over by now: it begins again where it stopped.
          if (!download.controller.signal.aborted || this.#closing.signal.aborted) throw error
        })
        arrived()
      }
    } finally {
      content.users--
    }
  }

  /** Everything of the base version that is missing. */
  async ensureAll(content: Content, source: () => Source): Promise<void> {
    content.users++
    try {
      await this.ensure(content, source, 0, content.baseSize, largestDownload)
    } finally {
      content.users--
    }
  }

  /** Starts what of `start`–`end` is missing, at most `most` downloads at once for this content, without waiting; nothing in a pause. */
  readAhead(content: Content, source: () => Source, start: number, end: number, most: number): void {
    for (let position = start; position < end && !this.#pause.isOn;) {
      if ((this.#running.get(content.id)?.size ?? 0) >= most) return
      const gap = this.#contents.missing(content, position, end)[0]
      if (gap === undefined) return
      const running = this.#anyCovering(content, gap.start)
      const download = running ?? this.#start(content, source(), gap.start, largestDownload)
      download.progress.catch(() => undefined)
      position = download.end
    }
  }

  cancel(content: Content): void {
    for (const download of this.#running.get(content.id) ?? []) download.controller.abort()
  }

  close(): void {
    this.#closing.abort()
    for (const go of this.#whenQuiet.splice(0)) go()
    for (const downloads of this.#running.values()) for (const { controller } of downloads) controller.abort()
  }

  get #isHeldBack(): boolean {
    return (this.#urgent > 0 || this.#pause.isOn) && !this.#closing.signal.aborted
  }

  #goOnBehind(): void {
    if (!this.#isHeldBack) for (const go of this.#whenQuiet.splice(0)) go()
  }

  #pauseChanged(): void {
    if (!this.#pause.isOn) {
      this.#goOnBehind()
      return
    }
    for (const downloads of this.#running.values())
      for (const { readers, controller } of downloads) if (readers.size === 0) controller.abort()
  }

  #covering(content: Content, position: number): Download | undefined {
    const download = this.#anyCovering(content, position)
    return download !== undefined && position - download.position <= patienceBytes ? download : undefined
  }

  #anyCovering(content: Content, position: number): Download | undefined {
    for (const download of this.#running.get(content.id) ?? []) {
      const { position: start, end, controller } = download
      if (start <= position && position < end && !controller.signal.aborted) return download
    }
    return undefined
  }

  #start(content: Content, source: Source, start: number, fetchBytes: number): Download {
    const largest = Math.max(smallestDownload, Math.min(largestDownload, this.#contents.space.readAheadBytes))
    const wanted = Math.min(content.baseSize, start + Math.min(fetchBytes, largest))
    const end = this.#contents.missing(content, start, wanted)[0]?.end ?? wanted
    const download: Download = {
      position: start,
      end,
      controller: new AbortController(),
      readers: new Set(),
      progress: Promise.resolve(),
    }
    const running = this.#running.get(content.id) ?? new Set()
    this.#running.set(content.id, running.add(download))
    this.#observer.downloadStarted(source.node)
    let failure: unknown
    let wake = renew(download)
    const receive = (): Promise<void> =>
      this.#receive(content, source, download, () => {
        wake.resolve()
        wake = renew(download)
      })
    // Half a chunk that goes while the other half comes would be fetched for nothing.
    void this.#contents
      .keeping(content, start, end, receive)
      .catch((error: unknown) => {
        failure = error
      })
      .finally(() => {
        running.delete(download)
        if (running.size === 0) this.#running.delete(content.id)
        this.#observer.downloadEnded(source.node, failure)
        if (failure === undefined) wake.resolve()
        else wake.reject(failure)
      })
    return download
  }

  async #receive(content: Content, source: Source, download: Download, arrived: () => void): Promise<void> {
    const range = { start: download.position, end: download.end }
    this.#contents.space.room.assert(range.end - range.start)
    const { body } = await this.#store.get(
      source.key,
      { range, ifMatch: source.etag },
      { signal: download.controller.signal, waitingSince: () => firstOf(download.readers) },
    )
    try {
      for await (const piece of body) {
        if (content.isDropped) return
        this.#contents.fillFromBase(content, download.position, piece)
        download.position += piece.length
        this.#observer.downloadProgressed(source.node, piece.length)
        arrived()
      }
    } finally {
      if (!content.isDropped) this.#database.transaction(() => this.#contents.save(content, { seals: true }))
    }
    if (download.position < download.end) throw new Error(`the answer for ${source.key} ended early`)
  }
}

function firstOf(readers: ReadonlySet<{ sinceMs: number }>): number | undefined {
  // Nobody comes before who is there: a set keeps the order.
  for (const { sinceMs } of readers) return sinceMs
  return undefined
}

function closed(): StoreError {
  return new StoreError('cancelled', { code: 'cancelled', message: t('worker.unmounting') })
}

function renew(download: Download): { resolve: () => void; reject: (error: unknown) => void } {
  let resolve!: () => void
  let reject!: (error: unknown) => void
  download.progress = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // Nobody may be waiting when it fails.
  download.progress.catch(() => undefined)
  return { resolve, reject }
}
