import { createContext } from 'svelte'
import type { ChoiceOutcome, Conflict, PendingChoice, ResolutionKind } from '../../../contracts/conflict.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { chosenInWords, movedOnInWords } from '../words/conflict-words.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import { splitPath } from '../words/transfer-words.ts'
import type { Application } from './application.svelte.ts'
import { choicesFor, conflictKey, developments, rowsOf, seenSides, sidesOf } from './conflict-list.ts'
import type { ConflictRow } from './conflict-list.ts'
import { entriesOf, noEntries, withEntry, withoutEntry } from './entries.ts'
import type { WindowState } from './window-state.svelte.ts'

/** How long a choice can be taken back. */
const undoMs = 8000

/** The conflicts of all mounted drives while somebody looks at them, and the choices made for them. */
export class Conflicts {
  #lists = $state.raw(noEntries<string, readonly Conflict[]>())
  /** Why a drive's conflicts could not be asked for. */
  problems = $state.raw(noEntries<string, Problem>())
  /** Rows that changed after a choice was made for them, with the sides they have now. */
  #movedOn = $state.raw(noEntries<string, string>())
  /** For assistive technology: what came of the choices. */
  said = $state('')

  readonly rows = $derived.by(() => rowsOf(this.#lists, (id) => this.#application.driveName(id)))
  readonly byKey = $derived(entriesOf(this.rows, (row) => [row.key, row]))

  readonly #application: Application
  readonly #window: WindowState
  /** Drives that are being asked: whether they have to be asked once more. */
  #asking = noEntries<string, { again: boolean }>()
  /** What was known of each drive when its list was last asked for. */
  #askedAt = noEntries<string, string>()

  constructor(application: Application, window: WindowState) {
    this.#application = application
    this.#window = window
  }

  /** False until every drive that has conflicts has told them. */
  readonly isWhole = $derived.by(() =>
    this.#mounted().every(
      ({ drive, status }) => status.conflicts === 0 || this.#lists.has(drive.id) || this.problems.has(drive.id),
    ),
  )

  hasMovedOn({ key, conflict }: ConflictRow): boolean {
    return conflict.choice === undefined && this.#movedOn.get(key) === sidesOf(conflict)
  }

  /** To be called whenever the application may know something new: asks the drives that do. */
  follow(): void {
    const mounted = this.#mounted()
    for (const { drive, status } of mounted) {
      const state = `${this.#application.conflictRevisions.get(drive.id) ?? 0} ${status.conflicts}`
      if (this.#askedAt.get(drive.id) === state) continue
      this.#askedAt = withEntry(this.#askedAt, drive.id, state)
      void this.load(drive.id)
    }
    const gone = [...this.#askedAt.keys()].filter((id) => !mounted.some(({ drive }) => drive.id === id))
    for (const id of gone) {
      this.#askedAt = withoutEntry(this.#askedAt, id)
      this.#lists = withoutEntry(this.#lists, id)
      this.problems = withoutEntry(this.problems, id)
    }
  }

  /** One question a drive at a time; what changes meanwhile asks once more. */
  async load(driveId: string): Promise<void> {
    const running = this.#asking.get(driveId)
    if (running) {
      running.again = true
      return
    }
    const asking = { again: true }
    this.#asking = withEntry(this.#asking, driveId, asking)
    while (asking.again) {
      asking.again = false
      const reply = await this.#application.request('conflict:list', { driveId })
      if (reply.ok) this.#take(driveId, reply.result.conflicts)
      else this.problems = withEntry(this.problems, driveId, reply.problem)
    }
    this.#asking = withoutEntry(this.#asking, driveId)
  }

  /** One choice for all of these, to be taken back together. */
  async choose(rows: readonly ConflictRow[], kind: ResolutionKind, delayMs = undoMs): Promise<void> {
    const { perDrive, impossible } = choicesFor(rows, kind)
    if (perDrive.length === 0) return
    const replies = await Promise.all(
      perDrive.map(async ({ driveId, choices }) => {
        const reply = await this.#application.request('conflict:resolve', { driveId, choices, delayMs })
        if (!reply.ok) this.#window.complain(reply.problem)
        return { driveId, outcomes: reply.ok ? reply.result.outcomes : [] }
      }),
    )
    const chosen = replies.map(({ driveId, outcomes }) => ({ driveId, ids: idsWith(outcomes, 'chosen') }))
    const count = chosen.reduce((sum, { ids }) => sum + ids.length, 0)
    const refused = replies.flatMap(({ outcomes }) => idsWith(outcomes, 'not-whole')).length
    const late = replies.flatMap(({ driveId, outcomes }) =>
      idsWith(outcomes, 'moved-on').map((id) => conflictKey(driveId, id)),
    )
    if (count > 0) {
      const [first] = chosen.flatMap(({ driveId, ids }) => ids.map((id) => conflictKey(driveId, id)))
      const name = splitPath((first && this.byKey.get(first)?.conflict.path) ?? '').name
      const words = chosenInWords(kind, count, name, impossible + refused)
      if (delayMs > 0) this.#window.offerUndo(words, Date.now() + delayMs, () => void this.#takeBack(chosen, count))
      else this.#window.say(words)
    } else if (refused > 0) this.said = t('conflicts.refused', { count: refused })
    await Promise.all(perDrive.map(({ driveId }) => this.load(driveId)))
    this.#tellMovedOn(late)
  }

  /** A choice that could not be carried out, at once and for the sides there are now. */
  async retry(row: ConflictRow): Promise<void> {
    const kind = row.conflict.choice?.kind
    if (kind !== undefined && kind !== 'merged') await this.choose([row], kind, 0)
  }

  /** The merged text in place of both sides; answers false where nothing was done. */
  async merge({ driveId, conflict }: ConflictRow, text: string): Promise<Problem | undefined> {
    const seen = seenSides(conflict)
    const reply = await this.#application.request('conflict:merge', { driveId, seen, text })
    if (!reply.ok) return reply.problem
    const { outcome } = reply.result
    await this.load(driveId)
    const { name } = splitPath(conflict.path)
    if (outcome === 'chosen') {
      this.#window.say(t('conflicts.merge.saved', { name }))
      return undefined
    }
    return {
      code: 'conflict',
      message: t(outcome === 'gone' ? 'conflicts.merge.gone' : 'conflicts.merge.moved-on', { name }),
      consequence: t('conflicts.merge.unsaved'),
      remedy: t(outcome === 'gone' ? 'conflicts.merge.copy' : 'conflicts.merge.copy-compare'),
    }
  }

  #mounted() {
    return this.#application.drives.filter(({ state }) => state.state === 'mounted')
  }

  #take(driveId: string, conflicts: readonly Conflict[]): void {
    const { movedOn, settled } = developments(this.#lists.get(driveId) ?? [], conflicts)
    this.#lists = withEntry(this.#lists, driveId, conflicts)
    if (this.problems.has(driveId)) this.problems = withoutEntry(this.problems, driveId)
    if (settled.length > 0) this.said = settledInWords(settled)
    this.#tellMovedOn(movedOn.map((id) => conflictKey(driveId, id)))
  }

  #tellMovedOn(keys: readonly string[]): void {
    const rows = keys.flatMap((key) => this.byKey.get(key) ?? [])
    if (rows.length === 0) return
    for (const { key, conflict } of rows) this.#movedOn = withEntry(this.#movedOn, key, sidesOf(conflict))
    this.said = movedOnInWords(rows.length)
  }

  async #takeBack(chosen: readonly { driveId: string; ids: readonly string[] }[], count: number): Promise<void> {
    for (const { driveId, ids } of chosen) {
      const reply = await this.#application.request('conflict:undo', { driveId, ids: [...ids] })
      if (!reply.ok) this.#window.complain(reply.problem)
      await this.load(driveId)
    }
    this.#window.say(t('conflicts.taken-back', { count }))
  }
}

function idsWith(outcomes: readonly ChoiceOutcome[], outcome: ChoiceOutcome['outcome']): string[] {
  return outcomes.filter((one) => one.outcome === outcome).map(({ id }) => id)
}

const settledTexts: Record<PendingChoice['kind'], MessageKey> = {
  mine: 'conflicts.settled.mine',
  theirs: 'conflicts.settled.theirs',
  both: 'conflicts.settled.both',
  merged: 'conflicts.settled.merged',
}

function settledInWords(settled: readonly Conflict[]): string {
  const [first] = settled
  if (settled.length !== 1 || !first?.choice) return t('conflicts.settled.many', { count: settled.length })
  return t(settledTexts[first.choice.kind], { name: splitPath(first.path).name })
}

export const [getConflicts, setConflicts] = createContext<Conflicts>()
