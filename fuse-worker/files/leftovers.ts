/**
 * Files are copied onto the drive under a hidden name, and a worker that is killed meanwhile leaves that behind. It is taken away at the
 * next mount: only what has such a name and never reached the bucket, for others may be copying just now.
 */
import { randomBytes } from 'node:crypto'
import type { KernelOperations } from '../fuse/kernel.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { takingTurns } from '../runtime/turns.ts'

/** One of the names that stay on this computer (see the local-only patterns). */
const beginning = '.~lock.cloudmount-'
const digits = 12
const nodesPerStep = 2_000

export function hiddenName(): string {
  return beginning + randomBytes(digits / 2).toString('hex')
}

export async function removeLeftovers(parts: {
  database: DriveDatabase
  nodes: Nodes
  keys: NodeKeys
  operations: KernelOperations
  signal: AbortSignal
}): Promise<void> {
  const { nodes, keys, operations, signal } = parts
  // Found before anything of this life is copied, or told apart from it by their ids.
  for await (const id of leftovers(parts.database, signal)) {
    const node = nodes.get(id)
    const line = node === undefined ? undefined : nodes.ancestry(node)
    if (node !== undefined && line !== undefined) await operations.unlink(`/${keys.pathOf(node)}`)
  }
}

async function* leftovers(database: DriveDatabase, signal: AbortSignal): AsyncGenerator<NodeId> {
  const last = Number(database.prepare('SELECT max(id) AS last FROM nodes').get()?.['last'] ?? 0)
  const found = database.prepare(
    `SELECT id FROM nodes WHERE id > ? AND id <= ? AND kind = 'file' AND (is_local_only = 1 OR remote_key IS NULL)
     AND name GLOB '${beginning}${'[0-9a-f]'.repeat(digits)}'`,
  )
  const others = takingTurns()
  for (let start = 0; start < last && !signal.aborted; start += nodesPerStep) {
    for (const row of found.all(start, Math.min(last, start + nodesPerStep))) yield Number(row['id'])
    await others()
  }
}
