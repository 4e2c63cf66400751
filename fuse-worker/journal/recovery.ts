/**
 * What a start finds after any kind of end, and how it is put right: operations that were under way go back into the queue (the
 * marks they left tell whether they had arrived), open files nobody has open any more go, and chunk files without a
 * record go. Doing it twice changes nothing.
 */
import type { ContentStore } from '../cache/content-store.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import { orphanage } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { ObjectStore } from '../s3/store.ts'
import type { Journal } from './journal.ts'

export type RecoveryReport = {
  resumedOperations: number
  pendingOperations: number
  removedOrphans: number
  removedChunks: number
  /** Uploads that were under way: their parts are given up once the bucket can be reached. */
  openUploads: { key: string; uploadId: string }[]
}

export function recover(parts: {
  database: DriveDatabase
  nodes: Nodes
  contents: ContentStore
  journal: Journal
}): RecoveryReport {
  const { database, nodes, contents, journal } = parts
  const openUploads: RecoveryReport['openUploads'] = []
  let resumedOperations = 0
  let removedOrphans = 0
  database.transaction(() => {
    for (const operation of [...journal.operations()]) {
      if (operation.uploadId !== undefined) {
        openUploads.push({ key: operation.key, uploadId: operation.uploadId })
        operation.uploadId = undefined
        journal.save(operation)
      }
      if (operation.status.state !== 'running') continue
      journal.fail(operation, { state: 'queued' })
      resumedOperations++
    }
    for (const orphan of nodes.orphans()) {
      if (orphan.content !== 0) contents.removeRows(contents.open(orphan.content, orphan.baseSize))
      nodes.remove(orphan)
      removedOrphans++
    }
    // Extents of content no node has: a version that was replaced while a program still read the old one.
    database.prepare('DELETE FROM extents WHERE content NOT IN (SELECT content FROM nodes WHERE content <> 0)').run()
    database.prepare('DELETE FROM nodes WHERE parent = ?').run(orphanage)
  })
  const known = new Set(
    database
      .prepare('SELECT DISTINCT content FROM nodes WHERE content <> 0')
      .all()
      .map((row) => Number(row['content'])),
  )
  contents.count()
  const removedChunks = contents.sweep((content) => known.has(content))
  return { resumedOperations, pendingOperations: journal.size, removedOrphans, removedChunks, openUploads }
}

/** Own uploads only; never anybody else's. */
export async function abandonUploads(store: ObjectStore, uploads: RecoveryReport['openUploads']): Promise<void> {
  for (const { key, uploadId } of uploads) await store.abortMultipartUpload(key, uploadId).catch(() => undefined)
}
