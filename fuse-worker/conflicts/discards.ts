/**
 * Gives up a change that cannot be sent: what is readable of it goes to the recovered files, and the file is again what the bucket has
 * under its name; one that the bucket never had goes. A folder or a deletion that cannot be sent is given up without more.
 */
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { ObjectHead, ObjectStore } from '../s3/store.ts'
import type { OpenFiles, TreeChanges } from '../sync/tree-changes.ts'
import type { RecoveryFolder } from './recovery-folder.ts'
import { MovedOn, type SideWriter } from './side-writer.ts'

export type DiscardParts = {
  database: DriveDatabase
  journal: Journal
  nodes: Nodes
  keys: NodeKeys
  tree: TreeChanges
  openFiles: OpenFiles
  store: ObjectStore
  writer: SideWriter
  recovered: RecoveryFolder
}

export class Discards {
  readonly #parts: DiscardParts

  constructor(parts: DiscardParts) {
    this.#parts = parts
  }

  /** Throws ProblemError, StoreError. */
  async discard(id: number, signal: AbortSignal): Promise<void> {
    const { journal, store } = this.#parts
    const operation = journal.get(id)
    if (operation?.status.state !== 'blocked') throw new ProblemError(notBlocked())
    const { key, node: nodeId } = operation
    if (operation.kind === 'delete') {
      // The object stays, and a listing shows it again.
      journal.cancel(operation)
      return
    }
    const node = this.#parts.nodes.require(nodeId)
    if (node.kind === 'directory') throw new ProblemError(folderStays(this.#parts.keys.pathOf(node)))
    const version = versionOf(node)
    const assertSame = (): void => {
      const live = journal.get(id)
      if (live?.status.state !== 'blocked' || live.node !== nodeId || versionOf(node) !== version) throw new MovedOn()
      if (this.#parts.openFiles.isOpenForWriting(nodeId)) throw new ProblemError(isOpen(this.#parts.keys.pathOf(node)))
    }
    try {
      assertSame()
      const head = await store.head(key, { signal })
      assertSame()
      const entry = await this.#keep(node, version, signal)
      try {
        assertSame()
      } catch (error) {
        if (entry.isNew) this.#parts.recovered.remove([entry.id])
        throw error
      }
      this.#giveUp(operation, node, head)
    } catch (error) {
      if (error instanceof MovedOn) throw new ProblemError(changedMeanwhile(this.#parts.keys.pathOf(node)))
      throw error
    }
  }

  #keep(node: Node, version: string, signal: AbortSignal): ReturnType<RecoveryFolder['keep']> {
    const { recovered, writer, keys } = this.#parts
    const about = { path: keys.pathOf(node), side: 'mine' as const, modifiedAt: node.mtimeMs, version }
    return recovered.keep(about, (file) => writer.mine(node.id, file, signal))
  }

  #giveUp({ id, key }: Operation, node: Node, head: ObjectHead | undefined): void {
    const { journal, tree } = this.#parts
    const oldKey = node.remote?.key
    const also = (): void => {
      const live = journal.get(id)
      if (live !== undefined) journal.cancel(live)
      node.isContentDirty = false
      // Renamed as well: under its old name it is still in the bucket, and stays there.
      const leaving = oldKey === undefined || oldKey === key ? undefined : journal.slot(oldKey).queued
      if (leaving?.kind === 'delete' && leaving.node === node.id) journal.cancel(leaving)
    }
    if (head === undefined) tree.removeSubtree(node, also)
    else tree.replaceVersion(node, { ...head, key }, also)
  }
}

function versionOf({ id, content, size, ctimeMs }: Node): string {
  return [id, content, size, ctimeMs].join('.')
}

function notBlocked() {
  return {
    code: 'not-found',
    message: t('worker.discard-not-stopped'),
    consequence: t('worker.discard-not-stopped.consequence'),
  } as const
}

function isOpen(path: string) {
  return {
    code: 'drive-busy',
    message: t('worker.discard-open', { path }),
    consequence: t('worker.discard-open.consequence'),
    remedy: t('worker.discard-open.remedy'),
  } as const
}

function folderStays(path: string) {
  return {
    code: 'invalid-input',
    message: t('worker.discard-folder', { path }),
    remedy: t('worker.discard-folder.remedy'),
  } as const
}

function changedMeanwhile(path: string) {
  return {
    code: 'conflict',
    message: t('worker.discard-changed', { path }),
    consequence: t('worker.discard-changed.consequence'),
    remedy: t('worker.discard-changed.remedy'),
  } as const
}
