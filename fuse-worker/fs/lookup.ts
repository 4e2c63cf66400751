/** Finding nodes: by place in the tree, asking the bucket only when what is known has expired. */
import { FsError } from '../fuse/kernel.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import { segmentFromName } from '../s3/names.ts'
import { mayServeStale } from '../sync/remote-view.ts'
import { asFsError } from './errors.ts'
import type { Volume } from './volume.ts'

const scanMs = 10_000

export class Lookup {
  readonly #volume: Volume
  /** Directories whose entries a program just listed: their entries' metadata comes behind, not one by one. */
  readonly #scannedAt = new Map<NodeId, number>()

  constructor(volume: Volume) {
    this.#volume = volume
  }

  /** Undefined: not there. A promise only where the bucket has to be asked. */
  find(parent: NodeId, name: string): Node | undefined | Promise<Node | undefined> {
    const { nodes, remote } = this.#volume.parts
    const directory = this.#volume.directory(parent)
    this.#noteUse(parent)
    const child = nodes.child(parent, name)
    if (child !== undefined && this.#isOwn(child)) return child
    if (Buffer.byteLength(name) > 255) throw new FsError('ENAMETOOLONG')
    if (remote.isListingFresh(directory)) {
      return child !== undefined && this.#wantsMetadata(parent, child) ? this.#withMetadata(child.id) : child
    }
    return this.#ask(parent, name)
  }

  /** A directory passed through: the kernel has looked it up by itself just before, so a known one is good. */
  findOnTheWay(parent: NodeId, name: string): Node | undefined | Promise<Node | undefined> {
    const known = this.#volume.parts.nodes.child(parent, name)
    return known?.kind === 'directory' ? known : this.find(parent, name)
  }

  /** All entries of a directory, by name. */
  entries(id: NodeId): ReadonlyMap<string, Node> | Promise<ReadonlyMap<string, Node>> {
    const { nodes, remote } = this.#volume.parts
    const directory = this.#volume.directory(id)
    this.#scannedAt.set(id, this.#volume.now)
    this.#noteUse(id)
    if (this.#scannedAt.size > 1_000) this.#scannedAt.delete(this.#scannedAt.keys().next().value ?? 0)
    if (!remote.isListingFresh(directory)) return this.#list(id)
    const loading = nodes.load(id)
    return loading === undefined ? nodes.children(id) : loading.then(() => this.#known(id))
  }

  /** The listing again unless it is fresh: before something is decided that emptiness decides. */
  async listNow(id: NodeId): Promise<void> {
    const { nodes, remote } = this.#volume.parts
    const directory = nodes.get(id)
    if (directory === undefined || remote.isListingFresh(directory)) return
    await this.#list(id)
  }

  async #list(id: NodeId): Promise<ReadonlyMap<string, Node>> {
    const { nodes, remote, warmUp } = this.#volume.parts
    try {
      await this.#volume.within('readdir', remote.list(id))
      warmUp.listed(id)
    } catch (error) {
      const directory = nodes.get(id)
      if (directory === undefined) throw new FsError('ENOENT')
      if (!mayServeStale(error) || directory.listedAtMs === 0) throw asFsError(error)
    }
    await nodes.load(id)
    return this.#known(id)
  }

  #known(id: NodeId): ReadonlyMap<string, Node> {
    return this.#volume.parts.nodes.children(this.#volume.directory(id).id)
  }

  async #ask(parent: NodeId, name: string): Promise<Node | undefined> {
    const { nodes, remote, options } = this.#volume.parts
    const known = nodes.child(parent, name)
    const decoded = known === undefined ? segmentFromName(name, options.platform) : undefined
    if (decoded?.ok === false && decoded.reason === 'name-too-long') throw new FsError('ENAMETOOLONG')
    try {
      const segment = known?.segment ?? (decoded?.ok === true ? decoded.segment : name)
      await this.#volume.within('lookup', remote.lookUp(parent, name, segment))
    } catch (error) {
      const stale = nodes.child(parent, name)
      const wasListed = (nodes.get(parent)?.listedAtMs ?? 0) > 0
      if (!mayServeStale(error) || (stale === undefined && !wasListed)) throw asFsError(error)
    }
    const found = nodes.child(parent, name)
    return found !== undefined && this.#wantsMetadata(parent, found) ? this.#withMetadata(found.id) : found
  }

  async #withMetadata(id: NodeId): Promise<Node | undefined> {
    const { nodes, remote } = this.#volume.parts
    try {
      await this.#volume.within('metadata', remote.revalidate(id))
    } catch (error) {
      if (!mayServeStale(error)) throw asFsError(error)
    }
    return nodes.get(id)
  }

  /** One object looked up by name may cost one request; a directory being listed must not cost one for each. */
  #wantsMetadata(parent: NodeId, node: Node): boolean {
    if (node.isMetadataKnown || node.remote === undefined) return false
    return this.#volume.now - (this.#scannedAt.get(parent) ?? 0) > scanMs
  }

  #noteUse(folder: NodeId): void {
    this.#volume.parts.folderUse.note(folder, this.#volume.now)
  }

  #isOwn(node: Node): boolean {
    const { journal, handles } = this.#volume.parts
    return node.isLocalOnly || node.isContentDirty || journal.putOf(node.id) !== undefined || handles.isOpen(node.id)
  }
}
