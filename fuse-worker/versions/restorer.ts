/**
 * Brings a version back: makes it the content of its key again by a copy inside the bucket, on the condition that the key
 * still has what the person saw. Must hold: nothing is replaced that was not seen; what is replaced is in the bucket's
 * history or, where it keeps none of it, among the recovered files; what is waiting here to be sent is never built upon.
 *
 * The copy is no operation of the journal: it needs nothing of this computer, and is done or not done when it is answered.
 * A change made here meanwhile stands on the version before, so its upload finds another one and becomes a conflict.
 */
import { randomUUID } from 'node:crypto'
import type { TheirVersion } from '../../contracts/conflict.ts'
import { ProblemError } from '../../contracts/problem.ts'
import type { RestoreOutcome, UndeleteOutcome, VersionPlace } from '../../contracts/version.ts'
import { t } from '../../language/language.ts'
import type { Journal } from '../journal/journal.ts'
import { rootId, type Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { StoreError, type ETag, type ObjectHead, type ObjectStore, type WriteCondition } from '../s3/store.ts'
import type { RemoteView } from '../sync/remote-view.ts'
import type { SettledKeys } from '../sync/settled-keys.ts'
import type { TreeChanges } from '../sync/tree-changes.ts'
import { historyOf } from './history.ts'
import type { Place, VersionPlaces } from './places.ts'
import { versionGone } from './previews.ts'
import { copyVersion, type ServerCopyParts } from './server-copy.ts'

export type RestorerOptions = {
  store: ObjectStore
  places: VersionPlaces
  nodes: Nodes
  journal: Journal
  tree: TreeChanges
  remote: RemoteView
  settled: SettledKeys
  copying: Omit<ServerCopyParts, 'store'>
  /** Keeps what is about to be replaced on this computer, whole; answers how to take that back. Throws StoreError. */
  keepReplaced: (path: string, key: string, current: TheirVersion) => Promise<() => void>
  isReadOnly: boolean
  signal: AbortSignal
}

export class Restorer {
  readonly #options: RestorerOptions

  constructor(options: RestorerOptions) {
    this.#options = options
  }

  /** `currentEtag` is of the version the person saw as the current one; undefined: a deletion. */
  async restore(of: VersionPlace, currentEtag: ETag | undefined): Promise<RestoreOutcome> {
    const { store, places, signal } = this.#options
    this.#assertWritable()
    const place = await places.of(of.path)
    this.#assertQuiet(place)
    const [head, current] = await Promise.all([
      this.#headOf(place.key, of.versionId),
      store.head(place.key, { signal }),
    ])
    if (head === undefined) throw versionGone(of.path)
    if (current?.etag !== currentEtag) return 'moved-on'
    if (current !== undefined && (current.versionId ?? 'null') === of.versionId) return 'restored'
    const condition: WriteCondition =
      currentEtag === undefined ? { kind: 'absent' } : { kind: 'version', etag: currentEtag }
    return asOutcome(async () => {
      const takeBack = current === undefined ? undefined : await this.#keepReplaced(place, current)
      this.#assertQuiet(place)
      try {
        await this.#copy(place, of.versionId, head, condition)
      } catch (error) {
        // Otherwise it may have been replaced all the same.
        if (isConflict(error)) takeBack?.()
        throw error
      }
    })
  }

  /** Each by itself: one that cannot come back does not keep the others. */
  async undelete(of: VersionPlace): Promise<UndeleteOutcome> {
    const { path } = of
    try {
      const { node } = await this.#options.places.of(path)
      const outcome = node === undefined ? await this.restore(of, undefined) : 'moved-on'
      return { path, outcome: outcome === 'restored' ? 'restored' : 'exists' }
    } catch (error) {
      if (error instanceof StoreError) return { path, outcome: 'failed', problem: error.problem }
      if (error instanceof ProblemError) return { path, outcome: 'failed', problem: error.problem }
      throw error
    }
  }

  async #copy(place: Place, versionId: string, head: ObjectHead, condition: WriteCondition): Promise<void> {
    const { store, copying, signal, settled } = this.#options
    const { key } = place
    const mark = `restored.${randomUUID()}`
    const { etag } = await copyVersion({ store, ...copying }, { key, versionId, head, condition, mark, signal })
    settled.settle(key)
    await this.#show(place, etag)
  }

  /** A refused HEAD does not say why; the history of the key does, and whether it has such a version at all. */
  async #headOf(key: string, versionId: string): Promise<ObjectHead | undefined> {
    const { store, signal } = this.#options
    try {
      return await store.headVersion(key, versionId, { signal })
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'blocked') throw error
      const { versions } = await historyOf(store, key).catch((refusal: unknown) => {
        throw refusal instanceof StoreError && refusal.problem.code !== 'access-denied' ? refusal : error
      })
      if (versions.some((version) => version.versionId === versionId)) throw error
      return undefined
    }
  }

  #assertWritable(): void {
    if (!this.#options.isReadOnly) return
    throw new ProblemError({
      code: 'invalid-input',
      message: t('worker.restore-read-only'),
      remedy: t('worker.restore-read-only.remedy'),
    })
  }

  /** Nothing of this file is on its way, or about to be. */
  #assertQuiet({ path, key, node: id }: Place): void {
    const { nodes, journal, tree } = this.#options
    const put = id === undefined ? undefined : journal.putOf(id)
    const node = id === undefined ? undefined : nodes.get(id)
    const slot = journal.slot(key)
    const states = [put, slot.queued, slot.running].map((operation) => operation?.status.state)
    if (states.includes('conflict')) throw unsettled(path)
    if (node !== undefined && tree.isOpenForWriting(node.id)) throw isOpen(path)
    if (states.some((state) => state !== undefined) || (node !== undefined && tree.hasOwnLife(node)))
      throw isUnsent(path)
  }

  /** A bucket whose versioning is suspended overwrites what it has without a version id. */
  async #keepReplaced({ path, key }: Place, current: ObjectHead): Promise<(() => void) | undefined> {
    const { store, signal, keepReplaced } = this.#options
    if (current.versionId !== undefined) return undefined
    if ((await store.versioning({ signal })) === 'enabled') return undefined
    const { etag, sizeBytes, lastModifiedMs } = current
    return keepReplaced(path, key, { etag, sizeBytes, modifiedAt: lastModifiedMs })
  }

  /** Programs see it at once. What cannot be asked now is seen when the folder is looked at again. */
  async #show(place: Place, etag: ETag): Promise<void> {
    const { nodes, remote } = this.#options
    try {
      if (place.node === undefined) await this.#showNew(place.path)
      // An answer that was under way is not believed, and is shared by who asks meanwhile.
      for (let tries = 0; tries < 2 && place.node !== undefined; tries++) {
        if (nodes.get(place.node)?.remote?.etag === etag) return
        await remote.revalidate(place.node)
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
    }
  }

  async #showNew(path: string): Promise<void> {
    const { nodes, remote, places } = this.#options
    let folder: Node | undefined = nodes.get(rootId)
    const names = path.split('/').filter((name) => name !== '')
    for (const [index, name] of names.entries()) {
      if (folder?.kind !== 'directory') return
      if (nodes.child(folder.id, name) === undefined) {
        const segment = await places.segmentIn(folder, name, path)
        await remote.lookUpAnew(folder.id, segment)
      }
      const child: Node | undefined = nodes.child(folder.id, name)
      if (index < names.length - 1) folder = child
    }
  }
}

const isConflict = (error: unknown): boolean => error instanceof StoreError && error.kind === 'conflict'

async function asOutcome(copy: () => Promise<void>): Promise<RestoreOutcome> {
  try {
    await copy()
    return 'restored'
  } catch (error) {
    if (isConflict(error)) return 'moved-on'
    throw error instanceof StoreError ? inDoubt(error) : error
  }
}

/** The version, at least, is where it was; a copy shows nothing before it is done. */
function inDoubt(error: StoreError): ProblemError {
  const consequence = t('worker.restore-in-doubt.consequence')
  return new ProblemError({ ...error.problem, consequence }, { cause: error })
}

function unsettled(path: string): ProblemError {
  return new ProblemError({
    code: 'conflict',
    message: t('worker.restore-conflict', { path }),
    consequence: t('worker.restore-conflict.consequence'),
    remedy: t('worker.restore-conflict.remedy'),
  })
}

function isOpen(path: string): ProblemError {
  return new ProblemError({
    code: 'drive-busy',
    message: t('worker.restore-open', { path }),
    consequence: t('worker.restore-open.consequence'),
    remedy: t('worker.restore-open.remedy'),
  })
}

function isUnsent(path: string): ProblemError {
  return new ProblemError({
    code: 'drive-busy',
    message: t('worker.restore-unsent', { path }),
    consequence: t('worker.restore-unsent.consequence'),
    remedy: t('worker.restore-unsent.remedy'),
  })
}
