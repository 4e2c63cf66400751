/** Which key a node has in the bucket by its place in the tree. */
import { FsError } from '../fuse/kernel.ts'
import { maxKeyBytes } from '../s3/names.ts'
import { rootId, type Node } from './node.ts'
import type { Nodes } from './nodes.ts'

export class NodeKeys {
  readonly #nodes: Nodes
  readonly prefix: string

  /** `prefix` is empty or ends in `/`. */
  constructor(nodes: Nodes, prefix: string) {
    this.#nodes = nodes
    this.prefix = prefix
  }

  /** Undefined for an orphan and for the root of a drive without a prefix. */
  of(node: Node): string | undefined {
    if (node.id === rootId) return this.prefix === '' ? undefined : this.prefix
    const line = this.#nodes.ancestry(node)
    if (line === undefined) return undefined
    const path = line.map((step) => step.segment).join('/')
    return this.prefix + path + (node.kind === 'directory' ? '/' : '')
  }

  /** What the keys of a directory's children begin with. */
  ofChildren(directory: Node): string {
    if (directory.id === rootId) return this.prefix
    return this.of(directory) ?? ''
  }

  /** Throws ENAMETOOLONG where S3 has no room for the key. */
  ofNewChild(directory: Node, segment: string, isDirectory: boolean): string {
    const key = this.ofChildren(directory) + segment + (isDirectory ? '/' : '')
    if (Buffer.byteLength(key) > maxKeyBytes) throw new FsError('ENAMETOOLONG')
    return key
  }

  /** The path as a person reads it: names, `/` between them, none in front. */
  pathOf(node: Node): string {
    const line = this.#nodes.ancestry(node)
    return line === undefined ? node.name : line.map((step) => step.name).join('/')
  }
}
