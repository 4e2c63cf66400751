import type { FileMatches } from '../../../contracts/file.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { Application } from './application.svelte.ts'
import type { FileRow, RowBlock, RowSource } from './file-rows.ts'

export type SearchQuestion = { driveId: string; text: string; under: string }

/** More than a person looks through; who wants others types more. */
const matchLimit = 500
const indexingAgainMs = 300

/** What is found on one drive by its name, while somebody types. */
export class FileSearch implements RowSource {
  /** What is asked for now; undefined while nothing is. */
  question = $state.raw<SearchQuestion>()
  /** The last answer: of what was typed before, until the next one is here. */
  found = $state.raw<{ rows: readonly FileRow[]; isTruncated: boolean; isIndexing: boolean }>()
  problem = $state.raw<Problem>()
  readonly total = $derived(this.found?.rows.length ?? 0)

  readonly #application: Application
  readonly #onBlock: (block: RowBlock) => void
  #againTimer: ReturnType<typeof setTimeout> | undefined

  constructor(application: Application, onBlock: (block: RowBlock) => void) {
    this.#application = application
    this.#onBlock = onBlock
  }

  ask(question: SearchQuestion | undefined): void {
    this.question = question
    clearTimeout(this.#againTimer)
    if (question === undefined) {
      this.found = undefined
      this.problem = undefined
    } else void this.#ask(question)
  }

  refresh(): void {
    this.ask(this.question)
  }

  rowAt(index: number): FileRow | undefined {
    return this.found?.rows[index]
  }

  fetchRows(first: number, last: number): Promise<readonly FileRow[] | undefined> {
    return Promise.resolve(this.found?.rows.slice(first, last + 1))
  }

  async #ask(question: SearchQuestion): Promise<void> {
    const { driveId, text, under } = question
    const scope = under === '' ? {} : { under }
    const reply = await this.#application.request('file:search', { driveId, text, limit: matchLimit, ...scope })
    if (this.question !== question) return
    if (!reply.ok) {
      // A newer question took its place.
      if (reply.problem.code !== 'cancelled') this.problem = reply.problem
      return
    }
    this.#take(reply.result)
    if (reply.result.isIndexing) this.#againTimer = setTimeout(() => this.refresh(), indexingAgainMs)
  }

  #take({ matches, isTruncated, isIndexing }: FileMatches): void {
    const rows = matches.map(({ path, ...entry }) => ({ path, entry }))
    this.problem = undefined
    this.found = { rows, isTruncated, isIndexing }
    this.#onBlock({ from: 0, rows, total: rows.length, revision: 0 })
  }
}
