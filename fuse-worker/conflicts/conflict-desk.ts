/**
 * What a host asks about conflicts and recovered files of one drive, over the parts that do it. Constructed with the drive; nothing
 * runs before `start`.
 */
import { join } from 'node:path'
import type {
  ChoiceOutcome,
  Choices,
  Conflict,
  ConflictSide,
  Preview,
  RecoveredFile,
  SeenSides,
  TheirVersion,
} from '../../contracts/conflict.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Caller, KernelOperations } from '../fuse/kernel.ts'
import type { Log } from '../runtime/log.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ObjectStore } from '../s3/store.ts'
import { StoreError } from '../s3/store.ts'
import type { Connection } from '../sync/connection.ts'
import type { Bases } from '../sync/bases.ts'
import type { Downloads } from '../sync/downloads.ts'
import type { ConflictFeed } from './conflict-feed.ts'
import { BaseSide } from './base-side.ts'
import { Discards } from './discards.ts'
import { Previews } from './previews.ts'
import { RecoveryFolder } from './recovery-folder.ts'
import { Resolutions } from './resolutions.ts'
import { restore } from './restoring.ts'
import type { ConflictSettings } from './rules.ts'
import { Settlement, type SettlementParts } from './settlement.ts'
import { Sides, type Standoff } from './sides.ts'
import { MovedOn, SideWriter } from './side-writer.ts'
import { StandingChoices } from './standing-choices.ts'

export type ConflictDeskOptions = SettlementParts & {
  downloads: Downloads
  store: ObjectStore
  /** The same, which has versions that were replaced as well. */
  history: ObjectStore
  bases: Bases
  connection: Connection
  clock: Clock
  log: Log
  feed: ConflictFeed
  cacheDirectory: string
  settings: ConflictSettings
  /** The drive as programs have it: what is restored is written as they would. */
  operations: KernelOperations
  owner: Caller
}

export class ConflictDesk {
  readonly #options: ConflictDeskOptions
  readonly #sides: Sides
  readonly #base: BaseSide
  readonly #writer: SideWriter
  readonly #recovered: RecoveryFolder
  readonly #resolutions: Resolutions
  readonly #standing: StandingChoices
  readonly #previews: Previews
  readonly #discards: Discards
  readonly #closing = new AbortController()

  constructor(options: ConflictDeskOptions) {
    const { clock, log, feed, cacheDirectory } = options
    this.#options = options
    this.#sides = new Sides(options)
    this.#base = new BaseSide(options)
    this.#writer = new SideWriter(options)
    this.#recovered = new RecoveryFolder({ directory: join(cacheDirectory, 'recovered'), clock, log })
    this.#previews = new Previews(join(cacheDirectory, 'previews', 'conflicts'))
    const [sides, writer, recovered] = [this.#sides, this.#writer, this.#recovered]
    this.#resolutions = new Resolutions({
      ...options,
      ...{ sides, writer, recovered },
      settlement: new Settlement(options),
      onChange: () => feed.changed(),
    })
    this.#standing = new StandingChoices({ ...options, sides, resolutions: this.#resolutions })
    this.#discards = new Discards({ ...options, writer, recovered })
    feed.listen({
      changed: (id) => {
        this.#resolutions.changed(id)
        this.#standing.found(id)
      },
      over: (id) => this.#standing.over(id),
      look: () => this.#look(),
    })
  }

  start(): void {
    this.#options.feed.start(this.#options.journal.operations())
    this.#recovered.start()
    this.#standing.start()
    this.#resolutions.start()
  }

  async stop(): Promise<void> {
    this.#closing.abort()
    this.#options.feed.close()
    this.#standing.stop()
    this.#recovered.stop()
    await this.#resolutions.stop()
    this.#previews.clear()
  }

  list(): Conflict[] {
    return this.#sides
      .all()
      .map((one) => this.#sides.describe(one, this.#resolutions.pendingOf(one), this.#base.mayBeHad(one)))
  }

  resolve(choices: Choices): ChoiceOutcome[] {
    return this.#resolutions.choose(choices)
  }

  undo(ids: readonly string[]): void {
    for (const id of ids) this.#standing.takenBack(Number(id))
    this.#resolutions.undo(ids)
  }

  merge(seen: SeenSides, text: string): Promise<ChoiceOutcome> {
    return this.#resolutions.merge(seen, text)
  }

  configure(settings: ConflictSettings): void {
    this.#standing.configure(settings)
  }

  async preview(id: string, side: ConflictSide, atMostBytes = Infinity): Promise<Preview> {
    const standoff = this.#sides.get(Number(id))
    if (standoff === undefined) throw new ProblemError(over())
    if (side === 'base') return this.#previewBase(standoff, atMostBytes)
    const { node, theirs } = standoff
    if (side === 'theirs' && theirs === undefined) throw new ProblemError(noSuchSide())
    const sizeBytes = side === 'theirs' ? (theirs?.sizeBytes ?? 0) : node.size
    if (sizeBytes > atMostBytes) throw new ProblemError(tooLarge(node.name))
    const version = side === 'theirs' ? (theirs?.etag ?? '') : this.#sides.revisionOf(standoff)
    const modifiedAt = side === 'theirs' ? (theirs?.modifiedAt ?? 0) : node.mtimeMs
    const asked = { owner: `conflict-${id}`, version: `${side}-${version}`, name: node.name, modifiedAt }
    try {
      return await this.#previews.make(asked, (file) => this.#write(standoff, side, file))
    } catch (error) {
      const hasMovedOn =
        error instanceof MovedOn ||
        (error instanceof StoreError && (error.kind === 'conflict' || error.kind === 'absent'))
      if (!hasMovedOn) throw error
      await this.#resolutions.lookAgain(Number(id))
      throw new ProblemError(movedOn(node.name), { cause: error })
    }
  }

  async #previewBase(standoff: Standoff, atMostBytes: number): Promise<Preview> {
    const { operation, node } = standoff
    const version = `base-${operation.base.kind === 'version' ? operation.base.etag : ''}`
    const asked = { owner: `conflict-${operation.id}`, version, name: node.name, modifiedAt: operation.status.sinceMs }
    return this.#previews.make(asked, async (file) => {
      const obstacle = await this.#base.write(standoff, file, atMostBytes, { signal: this.#closing.signal })
      if (obstacle !== undefined) throw new ProblemError(obstacle === 'gone' ? noSuchSide() : tooLarge(node.name))
    })
  }

  recoveredFiles(): RecoveredFile[] {
    return this.#recovered.list()
  }

  async recoveredPreview(id: string, atMostBytes = Infinity): Promise<Preview> {
    const { path, contentPath, sizeBytes, modifiedAt } = this.#recovered.get(id)
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (sizeBytes > atMostBytes) throw new ProblemError(tooLarge(name))
    return this.#previews.copy({ owner: `recovered-${id}`, version: 'kept', name, modifiedAt }, contentPath)
  }

  restore(id: string): Promise<string> {
    const { operations, owner: caller, platform, clock } = this.#options
    return restore(this.#recovered.get(id), { operations, caller, platform, nowMs: clock.now() })
  }

  removeRecovered(ids: readonly string[]): void {
    this.#recovered.remove(ids)
    for (const id of ids) this.#previews.drop(`recovered-${id}`)
  }

  /**
   * What a bucket has under a key and would not keep, before it is replaced there. Answers how to take this back when it was not
   * replaced after all. Throws StoreError: `conflict` or `absent` when it is another one by now.
   */
  async keepReplaced(path: string, key: string, current: TheirVersion): Promise<() => void> {
    const about = { path, side: 'theirs' as const, modifiedAt: current.modifiedAt, version: `${key} ${current.etag}` }
    const { id, isNew } = await this.#recovered.keep(about, async (file) => {
      await this.#writer.theirs(key, current, file, this.#closing.signal)
      return { isIncomplete: false }
    })
    return () => {
      if (isNew) this.#recovered.remove([id])
    }
  }

  /** Of a change that cannot be sent. Throws ProblemError and StoreError. */
  discard(operation: number): Promise<void> {
    return this.#discards.discard(operation, this.#closing.signal)
  }

  #write(standoff: Standoff, side: ConflictSide, file: Parameters<SideWriter['mine']>[1]): Promise<unknown> {
    const { operation, node, theirs } = standoff
    return side === 'theirs' && theirs !== undefined
      ? this.#writer.theirs(operation.key, theirs, file, this.#closing.signal)
      : this.#writer.mine(node.id, file, this.#closing.signal)
  }

  /** What conflicts are made of, and nobody tells of; and previews of those that are over go. */
  #look(): string {
    const all = this.#sides.all()
    const owners = all.map(({ operation }) => `conflict-${operation.id}`)
    this.#previews.keepOnly(new Set([...owners, ...this.#recovered.list().map(({ id }) => `recovered-${id}`)]))
    return all.map((one) => `${this.#sides.revisionOf(one)} ${this.#sides.isOpenForWriting(one)}`).join()
  }
}

const over = () => ({ code: 'not-found', message: t('worker.conflict-over') }) as const

const noSuchSide = () => ({ code: 'not-found', message: t('worker.conflict-no-side') }) as const

function tooLarge(name: string) {
  return { code: 'file-too-large', message: t('worker.too-large-to-show', { path: name }) } as const
}

function movedOn(name: string) {
  return {
    code: 'conflict',
    message: t('worker.conflict-moved-on', { name }),
    consequence: t('worker.conflict-moved-on.consequence'),
    remedy: t('worker.conflict-moved-on.remedy'),
  } as const
}
