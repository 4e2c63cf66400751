import { untrack } from 'svelte'
import type { FileSort, FolderListing } from '../../../contracts/file.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { Application } from './application.svelte.ts'
import { answerRows, joinedPath, needsAnother, rowIn, rowsWithin, spanAround } from './file-rows.ts'
import type { FileRow, RowBlock, RowSource } from './file-rows.ts'

export type FolderPlace = { driveId: string; path: string; sort: FileSort; isDescending: boolean }

/** One folder's rows while somebody looks at it: only those that are seen, and some round them, are held. */
export class FolderRows implements RowSource {
  place = $state.raw<FolderPlace>()
  block = $state.raw<RowBlock>()
  listing = $state.raw<FolderListing>()
  isSorting = $state(false)
  /** Why nothing can be shown of it. */
  problem = $state.raw<Problem>()
  readonly total = $derived(this.block?.total ?? 0)

  readonly #application: Application
  readonly #onBlock: (block: RowBlock) => void
  #seen = { first: 0, last: 40 }
  /** The one question on its way, and whether it has to be asked once more. */
  #asking: { place: FolderPlace; isAgain: boolean } | undefined

  constructor(application: Application, onBlock: (block: RowBlock) => void) {
    this.#application = application
    this.#onBlock = onBlock
  }

  /** Another order of the same folder keeps what is shown until the answer is here. */
  show(place: FolderPlace): void {
    const before = this.place
    const isSameFolder = before?.driveId === place.driveId && before.path === place.path
    this.place = place
    if (!isSameFolder) {
      this.block = undefined
      this.listing = undefined
      this.problem = undefined
      this.#seen = { first: 0, last: 40 }
    }
    this.refresh()
  }

  leave(): void {
    this.place = undefined
    this.block = undefined
    this.listing = undefined
    this.problem = undefined
  }

  see(first: number, last: number): void {
    this.#seen = { first, last }
    const block = untrack(() => this.block)
    if (block && needsAnother(block, first, last)) this.refresh()
  }

  /** One question at a time; what changes meanwhile asks once more. */
  refresh(): void {
    const place = untrack(() => this.place)
    if (place === undefined) return
    if (this.#asking?.place === place) this.#asking.isAgain = true
    else void this.#ask({ place, isAgain: true })
  }

  rowAt(index: number): FileRow | undefined {
    return rowIn(this.block, index)
  }

  async fetchRows(first: number, last: number): Promise<readonly FileRow[] | undefined> {
    const { block, place } = this
    if (block === undefined || place === undefined) return undefined
    const held = rowsWithin(block, first, last)
    if (held) return held
    const rows: FileRow[] = []
    for (let from = first; from <= last; from += answerRows) {
      const count = Math.min(answerRows, last - from + 1)
      const reply = await this.#application.request('file:list', { ...place, from, count })
      if (!reply.ok || reply.result.revision !== block.revision) return undefined
      for (const entry of reply.result.entries) rows.push({ path: joinedPath(place.path, entry.name), entry })
    }
    return rows
  }

  async #ask(asking: { place: FolderPlace; isAgain: boolean }): Promise<void> {
    this.#asking = asking
    while (asking.isAgain && this.#asking === asking) {
      asking.isAgain = false
      await this.#load(asking.place)
    }
    if (this.#asking === asking) this.#asking = undefined
  }

  async #load(place: FolderPlace): Promise<void> {
    const seen = this.#seen
    const span = spanAround(seen.first, seen.last)
    const reply = await this.#application.request('file:list', { ...place, ...span })
    if (this.place !== place) return
    if (!reply.ok) {
      this.problem = reply.problem
      this.block = undefined
      this.listing = undefined
      return
    }
    const { entries, total, revision, listing, isSorting = false } = reply.result
    const rows = entries.map((entry) => ({ path: joinedPath(place.path, entry.name), entry }))
    this.problem = undefined
    this.listing = listing
    this.isSorting = isSorting
    this.block = { from: span.from, rows, total, revision }
    this.#onBlock(this.block)
    const now = this.#seen
    if (now !== seen && needsAnother(this.block, now.first, now.last)) this.refresh()
  }
}
