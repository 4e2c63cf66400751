/**
 * Every version that anybody wrote, by the mark it begins with, and why it may be gone. A version is lost when whoever wrote it was told
 * that it is saved, nobody who had seen it gave it up, and it is nowhere to be found.
 */
type Entry = {
  content: Buffer
  key: string
  isAcknowledged: boolean
  /** Why it may be gone, if it may. */
  fate?: string
}

/** All marks are so long, so that one can be written over another. */
const markBytes = 16

export class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #story: string[] = []
  readonly #beganAtMs = Date.now()
  #count = 0

  /** A version about to be written by `who`: a new mark before `body`. */
  begin(who: string, key: string, body: Buffer): { mark: string; content: Buffer } {
    const mark = `<${who}${++this.#count}`.padEnd(markBytes - 2, ' ') + '>\n'
    const content = Buffer.concat([Buffer.from(mark), body])
    this.#entries.set(mark, { content, key, isAcknowledged: false })
    return { mark, content }
  }

  /** Whoever wrote it was told that it is saved. */
  acknowledge(mark: string): void {
    const entry = this.#entries.get(mark)
    if (entry !== undefined) entry.isAcknowledged = true
    this.tell(`saved ${mark.trim()} as ${entry?.key}`)
  }

  /** It was never written, or somebody who had seen it replaces or deletes it. */
  giveUp(mark: string | undefined, why: string): void {
    const entry = mark === undefined ? undefined : this.#entries.get(mark)
    if (mark === undefined || entry === undefined) return
    entry.fate ??= why
    this.tell(`${mark.trim()}: ${why}`)
  }

  bodyOf(mark: string): Buffer | undefined {
    return this.#entries.get(mark)?.content.subarray(markBytes)
  }

  /** Undefined of what is no version: a file that was just created, or cut when its program died. */
  markOf(content: Buffer): string | undefined {
    const mark = content.subarray(0, markBytes).toString('latin1')
    return this.#entries.has(mark) ? mark : undefined
  }

  /** What it holds is a version as it was written; only one whose program died in the middle may be another. */
  isAsWritten(content: Buffer): boolean {
    const mark = this.markOf(content)
    const entry = mark === undefined ? undefined : this.#entries.get(mark)
    return entry === undefined ? content.length === 0 : !entry.isAcknowledged || entry.content.equals(content)
  }

  lostAmong(found: Iterable<Buffer>): string[] {
    const here = new Set([...found].map((content) => this.markOf(content)))
    return [...this.#entries]
      .filter(([mark, { isAcknowledged, fate }]) => isAcknowledged && fate === undefined && !here.has(mark))
      .map(([mark, { key }]) => `${mark.trim()} of ${key}`)
  }

  get counts(): { written: number; saved: number } {
    const entries = [...this.#entries.values()]
    return { written: entries.length, saved: entries.filter(({ isAcknowledged }) => isAcknowledged).length }
  }

  /** For whoever has to understand a failure. */
  tell(event: string): void {
    this.#story.push(`${((Date.now() - this.#beganAtMs) / 1000).toFixed(2)} ${event}`)
  }

  storyOf(texts: readonly string[]): string {
    return this.#story.filter((line) => texts.some((text) => line.includes(text))).join('\n')
  }

  get story(): string {
    return this.#story.join('\n')
  }
}
