/**
 * Carries one operation to the bucket and records what came of it. Every write is conditional on the version the change was built
 * on and carries a mark of its own, so that a reply that got lost is recognised afterwards instead of being taken for
 * somebody else's write. An operation's row is read again after every wait: anything may have happened meanwhile.
 */
import type { ContentStore } from '../cache/content-store.ts'
import { DamagedContent } from '../cache/damaged-content.ts'
import { LostBytes } from '../cache/lost-ranges.ts'
import type { Journal } from '../journal/journal.ts'
import { lostProblem } from '../journal/lost-problem.ts'
import type { OpenUpload, OpenUploads } from '../journal/open-uploads.ts'
import { deleteMark, type Operation } from '../journal/operation.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import {
  StoreError,
  type ETag,
  type ObjectAttributes,
  type ObjectHead,
  type ObjectStore,
  type ObjectVersion,
  type WriteCondition,
} from '../s3/store.ts'
import { isSymlinkHead, writeMarkOf } from './attributes.ts'
import { decide } from './conflict-decision.ts'
import type { ConflictFinder } from './conflict-finder.ts'
import type { ConflictOutcome } from './conflict-outcome.ts'
import { thereSince } from './conflict-sides.ts'
import { partsGoneProblem } from './conflict-words.ts'
import { damagedUpload } from './damaged-upload.ts'
import type { Downloads } from './downloads.ts'
import { remoteOf, type TreeChanges } from './tree-changes.ts'
import { readTarget } from './link-target.ts'
import { attributesToWrite, keepWritten, type NewObjects } from './new-objects.ts'
import type { OwnWrites } from './own-writes.ts'
import type { ReplacedUnread } from './replaced-unread.ts'
import type { RunResult } from './run-result.ts'
import { uploadContent } from './upload-content.ts'
import { UploadGone } from './upload-parts.ts'
import type { UploadProgress } from './upload-pace.ts'
import { UploadOutdated } from './upload-range.ts'
import { writeMark } from './write-marks.ts'

/** What is sent, and the mark it carries. */
type Attempt = {
  readonly mark: string
  readonly generation: number
  readonly size: number
  readonly isCopy: boolean
  readonly resumed: OpenUpload | undefined
  /** An object that carries the mark is what this attempt sends; one that a resumed upload made earlier may differ. */
  isWhole: boolean
  /** Once it is sent. */
  attributes?: ObjectAttributes
}

export class OperationRunner {
  readonly #store: ObjectStore
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #contents: ContentStore
  readonly #journal: Journal
  readonly #uploads: OpenUploads
  readonly #keys: NodeKeys
  readonly #downloads: Downloads
  readonly #tree: TreeChanges
  readonly #ownWrites: OwnWrites
  readonly #finder: ConflictFinder
  readonly #replacedUnread: ReplacedUnread
  readonly #outcome: ConflictOutcome
  readonly #now: () => number
  readonly #canCopyParts: () => boolean
  readonly #newObjects: () => NewObjects
  readonly #writerId: string
  readonly #onProgress: (operation: number, progress: UploadProgress) => void
  /** Uploads that the bucket would not let us go on with. */
  readonly #useless = new Set<number>()

  constructor(options: {
    store: ObjectStore
    database: DriveDatabase
    nodes: Nodes
    contents: ContentStore
    journal: Journal
    uploads: OpenUploads
    keys: NodeKeys
    downloads: Downloads
    tree: TreeChanges
    ownWrites: OwnWrites
    finder: ConflictFinder
    replacedUnread: ReplacedUnread
    outcome: ConflictOutcome
    now: () => number
    canCopyParts: () => boolean
    newObjects: () => NewObjects
    /** Unique to this drive's journal, the beginning of every mark it leaves. */
    writerId: string
    onProgress: (operation: number, progress: UploadProgress) => void
  }) {
    this.#store = options.store
    this.#database = options.database
    this.#nodes = options.nodes
    this.#contents = options.contents
    this.#journal = options.journal
    this.#uploads = options.uploads
    this.#keys = options.keys
    this.#downloads = options.downloads
    this.#tree = options.tree
    this.#ownWrites = options.ownWrites
    this.#finder = options.finder
    this.#replacedUnread = options.replacedUnread
    this.#outcome = options.outcome
    this.#now = options.now
    this.#canCopyParts = options.canCopyParts
    this.#newObjects = options.newObjects
    this.#writerId = options.writerId
    this.#onProgress = options.onProgress
  }

  async run(operation: Operation, signal: AbortSignal): Promise<RunResult> {
    try {
      return operation.kind === 'delete' ? await this.#delete(operation, signal) : await this.#put(operation, signal)
    } catch (error) {
      if (error instanceof DamagedContent) return this.#explainDamage(operation, error)
      if (error instanceof UploadOutdated) return { kind: 'outdated' }
      return { kind: 'failed', error: error instanceof LostBytes ? this.#lost(operation) : error }
    }
  }

  /** Never zeros in place of what is gone: a person has to save it again. */
  #lost(operation: Operation): StoreError {
    const node = this.#nodes.get(operation.node)
    if (node === undefined) return new StoreError('blocked', lostProblem([operation.key]))
    const path = this.#keys.pathOf(node)
    return new StoreError('blocked', isWhollyOurs(node, this.#contents) ? lostProblem([path]) : partsGoneProblem(path))
  }

  #explainDamage(operation: Operation, error: DamagedContent): RunResult {
    const node = this.#nodes.get(operation.node)
    if (node === undefined || error.kind === 'fetch again') return { kind: 'outdated' }
    return { kind: 'failed', error: damagedUpload(this.#keys.pathOf(node), node.size, error) }
  }

  async #put(operation: Operation, signal: AbortSignal): Promise<RunResult> {
    const node = this.#nodes.get(operation.node)
    if (node === undefined) {
      // The node went without its operation: nothing to send, and nothing in the bucket to take back.
      this.#journal.cancel(operation)
      return { kind: 'done' }
    }
    const attempt = this.#attemptAt(operation, node)
    this.#journal.start(operation, attempt.mark)
    try {
      const mustLearn = attempt.isCopy || operation.move !== undefined
      if (mustLearn && !node.isMetadataKnown) await this.#learnSource(node.id, signal)
      await this.#replacedUnread.keepFor(operation, signal)
      const version = attempt.isCopy
        ? await this.#copy(operation, attempt, signal)
        : await this.#send(operation, attempt, signal)
      this.#record(operation.id, version, attempt)
      return { kind: 'done' }
    } catch (error) {
      if (error instanceof UploadGone) return this.#explainLostUpload(operation, attempt, error, signal)
      if (error instanceof StoreError && (error.kind === 'conflict' || error.kind === 'absent')) {
        return this.#explainConflict(operation, attempt, error, signal)
      }
      throw error
    }
  }

  #attemptAt(operation: Operation, node: Node): Attempt {
    const content =
      node.kind === 'file' && node.content !== 0 ? this.#contents.open(node.content, node.baseSize) : undefined
    const generation = content?.generation ?? 0
    const isCopy = isCopyOf(node)
    if (content !== undefined && !isCopy) this.#contents.seal(content)
    const open = isCopy || node.kind !== 'file' ? undefined : this.#uploads.ofOperation(operation.id)
    const isWanted =
      open !== undefined && !this.#useless.has(open.id) && open.wish === wishOf(node, open.writeId, this.#newObjects())
    const resumed = isWanted ? open : undefined
    const fresh = writeMark({
      writer: this.#writerId,
      node: node.id,
      operation: operation.id,
      // Not the count of attempts: a person's retry sets that back, and a mark must never come twice.
      attempt: operation.writeIds.length + 1,
      generation,
    })
    const mark = resumed?.writeId ?? fresh
    return { mark, generation, size: node.size, isCopy, resumed, isWhole: resumed === undefined }
  }

  /** It may have been deleted while what the operation replaces was looked at. */
  #nodeOf(operation: Operation): Node {
    const node = this.#nodes.get(operation.node)
    if (node === undefined) throw new UploadOutdated()
    return node
  }

  async #send(operation: Operation, attempt: Attempt, signal: AbortSignal): Promise<ObjectVersion> {
    const { mark, generation, resumed } = attempt
    const node = this.#nodeOf(operation)
    const attributes = (attempt.attributes = attributesToWrite(node, mark, this.#newObjects()))
    const condition = conditionOf(operation)
    if (node.kind !== 'file') {
      const body = Buffer.from(node.kind === 'symlink' ? (node.target ?? '') : '')
      return this.#store.put(operation.key, body, attributes, condition, { signal })
    }
    const content = this.#contents.open(node.content, node.baseSize)
    if (this.#contents.hasLost(content)) throw new LostBytes()
    return uploadContent({
      store: this.#store,
      contents: this.#contents,
      downloads: this.#downloads,
      uploads: this.#uploads,
      content,
      generation,
      node: { id: node.id, size: node.size, remote: node.remote },
      currentSource: () => {
        const remote = this.#nodes.get(operation.node)?.remote
        if (remote === undefined) throw new UploadOutdated()
        return { node: operation.node, key: remote.key, etag: remote.etag }
      },
      operation: operation.id,
      key: operation.key,
      writeId: mark,
      wish: wishOf(node, mark, this.#newObjects()),
      attributes,
      condition,
      canCopyParts: this.#canCopyParts(),
      resumed,
      signal,
      completing: () => {
        attempt.isWhole = true
      },
      cannotResume: () => {
        if (resumed !== undefined) this.#useless.add(resumed.id)
      },
      onProgress: (progress) => this.#onProgress(operation.id, progress),
    })
  }

  #copy(operation: Operation, attempt: Attempt, signal: AbortSignal): Promise<ObjectVersion> {
    const node = this.#nodeOf(operation)
    if (node.remote === undefined) throw new UploadOutdated()
    const attributes = (attempt.attributes = attributesToWrite(node, attempt.mark, this.#newObjects()))
    return this.#store.copy(node.remote, operation.key, attributes, conditionOf(operation), { signal })
  }

  /** What another program wrote beside the content must outlive our rewriting of the metadata. */
  async #learnSource(id: number, signal: AbortSignal): Promise<void> {
    const source = this.#nodes.get(id)?.remote
    if (source === undefined) return
    const head = await this.#store.head(source.key, { signal })
    if (head === undefined) return
    const target = isSymlinkHead(head) ? await readTarget(this.#store, source.key, head, signal) : undefined
    const node = this.#nodes.get(id)
    if (node === undefined || node.isMetadataKnown || head.etag !== node.remote?.etag) return
    this.#tree.applyHead(node, head, target)
  }

  /** The bucket has it: the node stands on the new version, and what was sent is clean unless it changed meanwhile. */
  #record(operationId: number, version: ObjectVersion, attempt: Attempt): void {
    const operation = this.#journal.get(operationId)
    if (operation === undefined) return
    const node = this.#nodes.get(operation.node)
    this.#database.transaction(() => {
      if (node !== undefined) this.#adopt(node, operation.key, version, attempt)
      const open = this.#uploads.ofOperation(operationId)
      if (open?.writeId === attempt.mark) this.#uploads.forget(open)
      this.#journal.finish(operation, { kind: 'version', etag: version.etag })
    })
    if (node !== undefined && node.content !== 0)
      this.#contents.settle(this.#contents.open(node.content, node.baseSize))
  }

  #adopt(node: Node, key: string, version: ObjectVersion, attempt: Attempt): void {
    const sizeBytes = attempt.isCopy ? (node.remote?.sizeBytes ?? attempt.size) : attempt.size
    node.remote = remoteOf({ ...version, key, sizeBytes })
    node.validatedAtMs = this.#now()
    node.isMetadataKnown = true
    if (attempt.attributes !== undefined) keepWritten(node, attempt.attributes)
    if (node.kind === 'file' && !attempt.isCopy) {
      const content = this.#contents.open(node.content, node.baseSize)
      if (content.generation === attempt.generation) {
        this.#contents.markClean(content, attempt.size)
        this.#contents.save(content)
        node.baseSize = attempt.size
        node.isContentDirty = false
      }
    }
    this.#nodes.save(node)
  }

  /** The key does not hold what the change was built on. Perhaps it holds what an attempt of ours put there. */
  async #explainConflict(
    operation: Operation,
    attempt: Attempt,
    error: StoreError,
    signal: AbortSignal,
  ): Promise<RunResult> {
    const head = await this.#store.head(operation.key, { signal })
    const recognised = this.#recogniseOwn(operation, attempt, head)
    if (recognised !== undefined) return recognised
    if (await this.#ownWrites.explain(operation, head, signal)) return { kind: 'outdated' }
    const finding = await this.#finder.find(operation, head, signal)
    const outcome = this.#outcome.carryOut(operation.id, finding, error.problem.detail)
    if (outcome.kind === 'stale') return { kind: 'outdated' }
    // It holds after all what the condition asked for: perhaps again, perhaps the condition was not understood.
    return outcome.kind === 'unchanged' ? { kind: 'failed', error } : outcome
  }

  /** The bucket has let go of the upload. Where it was not completed, it begins anew. */
  async #explainLostUpload(
    operation: Operation,
    attempt: Attempt,
    error: UploadGone,
    signal: AbortSignal,
  ): Promise<RunResult> {
    const head = await this.#store.head(operation.key, { signal })
    const explained = this.#recogniseOwn(operation, attempt, head)
    if (explained?.kind === 'done') return explained
    const open = this.#uploads.ofOperation(operation.id)
    if (open !== undefined) this.#uploads.forget(open)
    return explained ?? { kind: 'failed', error: error.cause }
  }

  #recogniseOwn(operation: Operation, attempt: Attempt, head: ObjectHead | undefined): RunResult | undefined {
    if (head !== undefined && attempt.isWhole && writeMarkOf(head) === attempt.mark) {
      this.#record(operation.id, head, attempt)
      return { kind: 'done' }
    }
    return this.#ownWrites.recognise(operation, head) ? { kind: 'outdated' } : undefined
  }

  async #delete(operation: Operation, signal: AbortSignal): Promise<RunResult> {
    this.#journal.start(operation, deleteMark)
    const ifMatch = operation.base.kind === 'version' ? operation.base.etag : await this.#ownVersion(operation, signal)
    if (ifMatch !== undefined) {
      try {
        await this.#replacedUnread.keepFor(operation, signal)
        await this.#store.delete(operation.key, { ifMatch }, { signal })
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        if (error.kind === 'conflict') return this.#deleteConflict(operation, error, signal)
        if (error.kind !== 'absent') throw error
      }
    }
    this.#journal.finish(operation, { kind: 'absent' })
    return { kind: 'done' }
  }

  /** A put that may or may not have arrived is to be taken back: only our own write, recognised by its mark. */
  async #ownVersion(operation: Operation, signal: AbortSignal): Promise<ETag | undefined> {
    if (operation.writeIds.length === 0) return undefined
    const head = await this.#store.head(operation.key, { signal })
    const mark = head === undefined ? undefined : writeMarkOf(head)
    return mark !== undefined && operation.writeIds.includes(mark) ? head?.etag : undefined
  }

  async #deleteConflict(operation: Operation, error: StoreError, signal: AbortSignal): Promise<RunResult> {
    const head = await this.#store.head(operation.key, { signal })
    if (this.#ownWrites.recognise(operation, head)) return { kind: 'outdated' }
    const decision = decide({ kind: 'deleted' }, thereSince(operation.base, head?.etag))
    if (decision.kind === 'send') return { kind: 'failed', error }
    // Somebody has changed it since: their version stays and shows up again. Nothing is lost by not deleting.
    this.#journal.finish(operation, { kind: 'absent' })
    return { kind: 'done' }
  }
}

/** The bucket has this very content already, under this or another key: the server can make the object from it. */
function isCopyOf(node: Node): boolean {
  if (node.remote === undefined) return false
  // A folder's own object may hold data that somebody put there.
  if (node.kind === 'directory') return node.remote.sizeBytes > 0
  return node.kind === 'file' && !node.isContentDirty
}

/** All of it was once here. */
function isWhollyOurs(node: Node, contents: ContentStore): boolean {
  if (node.content === 0) return true
  return contents.missing(contents.open(node.content, node.baseSize), 0, node.size).length === 0
}

/** What an upload in parts is begun with and cannot change any more. */
function wishOf(node: Node, mark: string, newObjects: NewObjects): string {
  return JSON.stringify({ sizeBytes: node.size, attributes: attributesToWrite(node, mark, newObjects) })
}

function conditionOf(operation: Operation): WriteCondition {
  switch (operation.base.kind) {
    case 'absent':
      return { kind: 'absent' }
    case 'version':
      return { kind: 'version', etag: operation.base.etag }
    case 'pending':
      throw new Error(`operation ${operation.id} was started before the one it builds on had ended`)
  }
}
