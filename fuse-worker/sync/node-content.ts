/** The content of a file in the cache, made where there is none yet, and remembered by the node. */
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'

export function openContentOf(
  node: Node,
  { contents, nodes, database }: { contents: ContentStore; nodes: Nodes; database: DriveDatabase },
): Content {
  if (node.content !== 0) return contents.open(node.content, node.baseSize)
  const content = contents.create(node.baseSize)
  node.content = content.id
  database.transaction(() => nodes.save(node))
  return content
}
