/**
 * Makes whole what came out of a salvage: every node has a place, every change of content a put on the version it began from,
 * so that a bucket that moved on meanwhile makes a conflict. Where the salvage log was whole there is nothing to do but
 * to count.
 */
import type { DriveDatabase } from '../metadata/database.ts'
import { NodeKeys } from '../metadata/node-keys.ts'
import { blankNode, orphanage, rootId, type Node, type NodeId } from '../metadata/node.ts'
import { nodeColumns, nodeFromRow, type NodeRow } from '../metadata/node-rows.ts'
import { Nodes } from '../metadata/nodes.ts'
import { nameFromSegment, type NamePlatform } from '../s3/names.ts'
import { Journal } from './journal.ts'

/** In the drive's root: files whose folder is not known any more. */
const strayFolderName = 'Recovered files'

export type SettleOptions = {
  prefix: string
  platform: NamePlatform
  owner: { uid: number; gid: number }
  nowMs: number
  isWhole: boolean
}

export type Settled = {
  /** Paths of the files with content that the bucket does not have. */
  files: string[]
  /** Folders, links, attributes, renames and deletions that wait. */
  otherChanges: number
  /** What was to be uploaded there is not known any more. */
  lostKeys: string[]
}

export function settle(database: DriveDatabase, options: SettleOptions): Settled {
  const lastOperand = Number(database.prepare('SELECT max(node) AS last FROM journal').get()?.['last'] ?? 0)
  database.setMeta('lastNodeId', String(lastOperand))
  const nodes = new Nodes(database)
  const journal = new Journal(database, () => options.nowMs)
  const keys = new NodeKeys(nodes, options.prefix)
  nodes.ensureRoot(folder(0, '', '', options))
  // What listings told is gone: only what is at stake is in these folders, but for those that were made here.
  database
    .prepare(
      `UPDATE nodes SET listed_at = 0
       WHERE remote_key IS NOT NULL OR id NOT IN (SELECT node FROM journal WHERE kind = 'put')`,
    )
    .run()
  const lostKeys: string[] = []
  for (const operation of [...journal.operations()]) {
    if (operation.kind !== 'put' || nodes.get(operation.node) !== undefined) continue
    lostKeys.push(operation.key)
    journal.cancel(operation)
  }
  for (const id of unplaced(database)) place(nodes.require(id), { nodes, journal, options })
  const files: string[] = []
  for (const node of dirtyNodes(database)) {
    if (node.parent === orphanage || node.isLocalOnly) continue
    const live = nodes.require(node.id)
    if (journal.putOf(node.id) === undefined) wishPut(live, journal, keys, options.nowMs)
    files.push(keys.pathOf(live))
  }
  return { files, otherChanges: Math.max(0, journal.size - files.length), lostKeys }
}

function place(
  node: Node,
  { nodes, journal, options }: { nodes: Nodes; journal: Journal; options: SettleOptions },
): void {
  const key = journal.putOf(node.id)?.key
  let parent: NodeId = rootId
  if (key === undefined) parent = folderIn(nodes, rootId, strayFolderName, options)
  else {
    const segments = key.slice(options.prefix.length).replace(/\/$/, '').split('/')
    for (const segment of segments.slice(0, -1)) parent = folderIn(nodes, parent, segment, options)
  }
  const isFree = nodes.child(parent, node.name) === undefined
  const name = isFree ? node.name : `${node.id} ${node.name}`
  nodes.move(node, parent, name, isFree ? node.segment : name)
}

function folderIn(nodes: Nodes, parent: NodeId, segment: string, options: SettleOptions): NodeId {
  const name = nameFromSegment(segment, options.platform)
  const found = nodes.child(parent, name)
  if (found?.kind === 'directory') return found.id
  if (found === undefined) return nodes.insert(folder(parent, name, segment, options)).id
  return folderIn(nodes, parent, `${segment} (recovered)`, options)
}

function folder(parent: NodeId, name: string, segment: string, { owner, nowMs }: SettleOptions) {
  return blankNode({ parent, name, segment, kind: 'directory', mode: 0o755, ...owner, nowMs })
}

function wishPut(node: Node, journal: Journal, keys: NodeKeys, nowMs: number): void {
  const key = keys.of(node)
  if (key === undefined) return
  const { remote } = node
  journal.wishPut(
    key,
    node.id,
    remote?.key === key ? { kind: 'version', etag: remote.etag } : { kind: 'absent' },
    nowMs,
  )
}

function unplaced(database: DriveDatabase): NodeId[] {
  return database
    .prepare(
      `SELECT id FROM nodes WHERE id <> ${rootId} AND parent <> ${orphanage} AND parent NOT IN (SELECT id FROM nodes)`,
    )
    .all()
    .map((row) => Number(row['id']))
}

function dirtyNodes(database: DriveDatabase): Node[] {
  const rows = database.prepare(`SELECT ${nodeColumns.join(', ')} FROM nodes WHERE is_content_dirty = 1 ORDER BY id`)
  return rows.all().map((row) => nodeFromRow(row as NodeRow))
}
