/**
 * What a start finds after any kind of end, and how it is put right: operations that were under way go back into the queue (the
 * marks they left tell whether they had arrived), open files nobody has open any more go, and chunk files without a
 * record go. Doing it twice changes nothing.
 */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContentStore } from '../cache/content-store.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { orphanage } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Journal } from './journal.ts'
import { rebuiltOf, setRebuilt } from './rebuild.ts'

export type RecoveryReport = {
  resumedOperations: number
  pendingOperations: number
  removedOrphans: number
  removedChunks: number
  /** Chunk files that nothing explained after a rebuild: kept in the folder of the damaged database. */
  chunksSetAside: number
  /** Files of which this start found acknowledged bytes to be missing. */
  lostFiles: string[]
}

export function recover(parts: {
  database: DriveDatabase
  nodes: Nodes
  contents: ContentStore
  journal: Journal
  keys: NodeKeys
  cacheDirectory: string
}): RecoveryReport {
  const { database, nodes, contents, journal, keys } = parts
  let resumedOperations = 0
  let removedOrphans = 0
  database.transaction(() => {
    for (const operation of [...journal.operations()]) {
      if (operation.status.state !== 'running') continue
      journal.fail(operation, { state: 'queued' })
      resumedOperations++
    }
    for (const orphan of nodes.orphans()) {
      if (orphan.content !== 0) contents.removeRows(contents.open(orphan.content, orphan.baseSize))
      nodes.remove(orphan)
      removedOrphans++
    }
    database.prepare('DELETE FROM nodes WHERE parent = ?').run(orphanage)
    // Also content no node has: a version that was replaced while a program still read the old one.
    contents.inventory.reconcile()
  })
  contents.load()
  const lostFiles = contents.inventory.findLost().map((content) => {
    const row = database.prepare('SELECT id FROM nodes WHERE content = ?').get(content)
    return keys.pathOf(nodes.require(Number(row?.['id'])))
  })
  const chunksSetAside = setAsideUnexplained(parts)
  const removedChunks = contents.inventory.sweep()
  return {
    resumedOperations,
    pendingOperations: journal.size,
    removedOrphans,
    removedChunks,
    chunksSetAside,
    lostFiles,
  }
}

/** Only now is the rebuilt database in place, so that nothing it needs can be taken away. */
function setAsideUnexplained({
  database,
  contents,
  cacheDirectory,
}: {
  database: DriveDatabase
  contents: ContentStore
  cacheDirectory: string
}): number {
  const rebuilt = rebuiltOf(database)
  if (rebuilt === undefined || rebuilt.unexplainedChunks !== undefined) return 0
  const directory = join(cacheDirectory, rebuilt.directory, 'content')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  contents.inventory.setAside(directory, new Set(rebuilt.cleanContents))
  // Counted in the folder, because an earlier start may have died half way.
  const unexplainedChunks = readdirSync(directory).length
  setRebuilt(database, { ...rebuilt, cleanContents: [], unexplainedChunks })
  return unexplainedChunks
}
