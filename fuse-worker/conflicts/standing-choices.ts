/**
 * Choices that a person has made beforehand: by a drive's policy, or a rule of a folder. They are made for conflicts as they are
 * found or updated; for those that a person has before them already only by a rule that is new. What a person took back stays theirs.
 */
import type { Clock } from '../runtime/clock.ts'
import type { Resolutions } from './resolutions.ts'
import { addedRules, innermostRule, settledKind, type ConflictSettings } from './rules.ts'
import type { Sides, Standoff } from './sides.ts'

export class StandingChoices {
  readonly #sides: Sides
  readonly #resolutions: Resolutions
  readonly #clock: Clock
  readonly #leftToPerson = new Set<number>()
  readonly #found = new Set<number>()
  #settings: ConflictSettings
  #cancelTurn: (() => void) | undefined

  constructor(options: { sides: Sides; resolutions: Resolutions; clock: Clock; settings: ConflictSettings }) {
    this.#sides = options.sides
    this.#resolutions = options.resolutions
    this.#clock = options.clock
    this.#settings = options.settings
  }

  start(): void {
    for (const { operation } of this.#sides.all()) this.#leftToPerson.add(operation.id)
  }

  stop(): void {
    this.#cancelTurn?.()
  }

  configure(settings: ConflictSettings): void {
    const added = addedRules(this.#settings.rules, settings.rules)
    this.#settings = settings
    for (const { operation } of this.#sides.all()) this.#leftToPerson.add(operation.id)
    // A known rule of a folder inside still holds there.
    const decidedAnew = this.#sides.all().filter((standoff) => {
      const rule = innermostRule(this.#sides.pathOf(standoff), settings.rules)
      return rule !== undefined && added.includes(rule)
    })
    this.#choose(decidedAnew, settings)
  }

  /** Inside the transaction that records it. */
  found(id: number): void {
    if (this.#leftToPerson.has(id)) return
    this.#found.add(id)
    this.#cancelTurn ??= this.#clock.after(0, () => {
      this.#cancelTurn = undefined
      const ids = [...this.#found].filter((one) => !this.#leftToPerson.has(one))
      this.#found.clear()
      this.#choose(
        ids.flatMap((one) => this.#sides.get(one) ?? []),
        this.#settings,
      )
    })
  }

  takenBack(id: number): void {
    this.#leftToPerson.add(id)
  }

  /** Another conflict of the same file is another one. */
  over(id: number): void {
    this.#leftToPerson.delete(id)
  }

  #choose(standoffs: readonly Standoff[], settings: ConflictSettings): void {
    const choices = standoffs.flatMap((standoff) => {
      const kind = settledKind(this.#sides.pathOf(standoff), settings)
      const { status, id } = standoff.operation
      const theirsEtag = standoff.theirs?.etag
      if (kind === undefined || status.choice !== undefined) return []
      const seen = { id: String(id), revision: this.#sides.revisionOf(standoff) }
      return [{ ...seen, kind, ...(theirsEtag === undefined ? {} : { theirsEtag }) }]
    })
    if (choices.length > 0) this.#resolutions.choose({ choices, delayMs: 0 })
  }
}
