/** Taking names away: the node goes, or lives on as an orphan while it is open, and what its content held in the cache is let go. */
import type { Content } from '../cache/content-store.ts'
import { orphanage, type Node } from '../metadata/node.ts'
import type { Volume } from './volume.ts'

export class Removal {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  /** `dropped` collects content that `release` may let go once the transaction is committed. */
  takeAwayInTransaction(node: Node, dropped: Content[]): void {
    const { handles, nodes, contents, keys } = this.#volume.parts
    this.#volume.wishGone(node, keys.of(node))
    if (handles.isOpen(node.id)) {
      node.ctimeMs = this.#volume.now
      nodes.move(node, orphanage, `#${node.id}`, '')
      return
    }
    this.#volume.forgetAhead(node.id)
    if (node.content !== 0) {
      const content = this.#volume.contentOf(node)
      contents.removeRows(content)
      dropped.push(content)
    }
    this.#volume.parts.origins.removeAll(node.id)
    nodes.remove(node)
  }

  release(dropped: Content[]): void {
    const { contents, handles, downloads } = this.#volume.parts
    for (const content of dropped) {
      if (handles.holds(content.id)) continue
      downloads.cancel(content)
      contents.removeFiles(content)
    }
  }
}
