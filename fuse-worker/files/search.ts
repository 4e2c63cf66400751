/** Searching as somebody types: over every name that is known, newest question first. */
import type { FileMatch, FileMatches, FileSearch } from '../../contracts/file.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import { takingTurns } from '../runtime/turns.ts'
import type { Entries } from './entries.ts'
import { fold, sortKey } from './fold.ts'
import type { NameIndex } from './name-index.ts'

/** How long a question waits for names that are not in the index yet; after that it is answered from those that are. */
const patienceMs = 100
/** The index is kept up for so long after somebody last looked at files. */
const awakeMs = 120_000
/** Of a round that brings names into the index, and between two: nothing else of the drive waits long. */
const roundMs = 4
const pauseMs = 12
const idsPerStep = 20

export class Search {
  readonly #index: NameIndex
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #entries: Entries
  readonly #clock: Clock
  readonly #find: (path: string) => Promise<Node>
  #question = 0
  #awakeUntilMs = 0
  #cancelRound: (() => void) | undefined
  #isClosed = false

  constructor(options: {
    index: NameIndex
    nodes: Nodes
    keys: NodeKeys
    entries: Entries
    clock: Clock
    /** Throws ProblemError. */
    find: (path: string) => Promise<Node>
  }) {
    this.#index = options.index
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#entries = options.entries
    this.#clock = options.clock
    this.#find = options.find
  }

  /** Somebody looks at files, and may search next: the index catches up, without haste. */
  wake(): void {
    this.#awakeUntilMs = this.#clock.now() + awakeMs
    this.#round()
  }

  /** Throws ProblemError `cancelled` when a newer question has come meanwhile. */
  async search({ text, under = '', limit }: FileSearch): Promise<FileMatches> {
    const question = ++this.#question
    const others = takingTurns()
    const goOn = async (): Promise<void> => {
      await others()
      if (question !== this.#question || this.#isClosed)
        throw new ProblemError({ code: 'cancelled', message: t('worker.search-replaced') })
    }
    this.wake()
    const folder = under === '' ? rootId : (await this.#find(under)).id
    await this.#catchUp(goOn)
    const beginning = fold(text).trim()
    const words = beginning.split(/\s+/).filter((word) => word !== '')
    const found = words.length === 0 ? new Set<NodeId>() : await this.#found(words, beginning, folder, limit, goOn)
    const isTruncated = found.size > limit
    return {
      matches: await this.#matches([...found].slice(0, limit), beginning, goOn),
      isTruncated,
      isIndexing: this.#index.isBehind,
    }
  }

  get unindexedNames(): number {
    return this.#index.behind
  }

  close(): void {
    this.#isClosed = true
    this.#cancelRound?.()
  }

  async #catchUp(goOn: () => Promise<void>): Promise<void> {
    const begunAtMs = performance.now()
    while (performance.now() - begunAtMs < patienceMs && this.#index.catchUp()) await goOn()
  }

  /** One more than asked for tells that there are more. */
  async #found(
    words: readonly string[],
    beginning: string,
    folder: NodeId,
    limit: number,
    goOn: () => Promise<void>,
  ): Promise<Set<NodeId>> {
    const found = new Set<NodeId>()
    for (const page of this.#index.candidates(words, beginning)) {
      for (const [at, id] of page.entries()) {
        if (found.size > limit) return found
        if (this.#isWanted(id, words, folder)) found.add(id)
        if (at % idsPerStep === idsPerStep - 1) await goOn()
      }
      await goOn()
    }
    return found
  }

  /** The index may be behind, and knows nothing of folders. */
  #isWanted(id: NodeId, words: readonly string[], folder: NodeId): boolean {
    const node = this.#nodes.get(id)
    if (node === undefined) return false
    const name = fold(node.name)
    if (!words.every((word) => name.includes(word))) return false
    const line = this.#nodes.ancestry(node)
    if (line === undefined) return false
    return folder === rootId || line.some((step) => step.id === folder && step.id !== id)
  }

  async #matches(ids: readonly NodeId[], beginning: string, goOn: () => Promise<void>): Promise<FileMatch[]> {
    const rows: { key: string; match: FileMatch }[] = []
    for (let start = 0; start < ids.length; start += idsPerStep) {
      for (const { id, entry } of this.#entries.of(ids.slice(start, start + idsPerStep)))
        rows.push({
          key: `${fold(entry.name).startsWith(beginning) ? 0 : 1}${sortKey(entry.name)}`,
          match: { ...entry, path: this.#keys.pathOf(this.#nodes.require(id)) },
        })
      await goOn()
    }
    rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    return rows.map(({ match }) => match)
  }

  #round(): void {
    if (this.#isClosed) return
    this.#cancelRound ??= this.#clock.after(pauseMs, () => {
      this.#cancelRound = undefined
      const begunAtMs = performance.now()
      let isMore = true
      while (isMore && performance.now() - begunAtMs < roundMs) isMore = this.#index.catchUp()
      if (isMore && this.#clock.now() < this.#awakeUntilMs) this.#round()
    })
  }
}
