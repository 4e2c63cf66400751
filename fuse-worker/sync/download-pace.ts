/** How fast bytes come from the bucket, told on to whoever shows the downloads. */
import type { NodeId } from '../metadata/node.ts'
import type { Clock } from '../runtime/clock.ts'
import type { DownloadObserver } from './downloads.ts'
import { Rate } from './rate.ts'

export class DownloadPace implements DownloadObserver {
  readonly #bytes: Rate
  readonly #observer: DownloadObserver

  constructor(clock: Clock, observer: DownloadObserver) {
    this.#bytes = new Rate(clock)
    this.#observer = observer
  }

  get bytesPerSecond(): number {
    return this.#bytes.perSecond
  }

  downloadStarted(node: NodeId): void {
    this.#observer.downloadStarted(node)
  }

  downloadProgressed(node: NodeId, receivedBytes: number): void {
    this.#bytes.add(receivedBytes)
    this.#observer.downloadProgressed(node, receivedBytes)
  }

  downloadEnded(node: NodeId, error: unknown): void {
    this.#observer.downloadEnded(node, error)
  }
}
