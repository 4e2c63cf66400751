import type { ChoiceOutcome, Conflict, RecoveredFile, SideContent } from '../../contracts/conflict.ts'
import type { IpcParams, IpcResult } from '../../contracts/ipc.ts'
import type { IpcRequestName } from '../../contracts/ipc.ts'
import { baseText, mineText, picture, theirText } from './scenario-conflicts.ts'

type Asked = Extract<IpcRequestName, `conflict:${string}` | `recovered:${string}`>
type Handlers = { [N in Asked]: (params: IpcParams<N>) => Promise<IpcResult<N>> | IpcResult<N> }

/** Stands in for the drives' workers: choices wait, can be taken back, and are carried out. */
export class FakeConflicts {
  readonly #lists = new Map<string, Conflict[]>()
  readonly #recovered = new Map<string, RecoveredFile[]>()
  readonly #changed: (driveId: string, count: number, revision: number) => void
  #revision = 0
  /** Ends the fetching of one side, which takes for ever until then. */
  letContentCome: (() => void) | undefined
  isContentSlow = false

  constructor(options: { changed: (driveId: string, count: number, revision: number) => void }) {
    this.#changed = options.changed
  }

  begin(conflicts: Record<string, Conflict[]>, recovered: Record<string, RecoveredFile[]>): void {
    for (const [id, list] of Object.entries(conflicts)) this.#lists.set(id, list)
    for (const [id, list] of Object.entries(recovered)) this.#recovered.set(id, list)
  }

  /** As if another client wrote once more. */
  touch(driveId: string, id: string): void {
    this.#update(driveId, (conflict) =>
      conflict.id === id && conflict.theirs
        ? {
            ...without(conflict),
            theirs: { ...conflict.theirs, etag: `${conflict.theirs.etag}+`, modifiedAt: Date.now() },
          }
        : conflict,
    )
  }

  change(driveId: string, id: string, change: Partial<Conflict>): void {
    this.#update(driveId, (conflict) => (conflict.id === id ? { ...conflict, ...change } : conflict))
  }

  readonly handlers: Handlers = {
    'conflict:list': ({ driveId }) => ({ conflicts: this.#lists.get(driveId) ?? [] }),
    'conflict:resolve': ({ driveId, choices, delayMs }) => {
      const outcomes = choices.map(({ id, revision, theirsEtag, kind }): ChoiceOutcome => {
        const conflict = this.#find(driveId, id)
        if (!conflict) return { id, outcome: 'gone' }
        if (conflict.mine.revision !== revision || conflict.theirs?.etag !== theirsEtag)
          return { id, outcome: 'moved-on' }
        const choice = { kind, appliesAt: Date.now() + delayMs, state: 'waiting' as const }
        this.change(driveId, id, { choice })
        setTimeout(() => this.#carryOut(driveId, id), delayMs + 50)
        return { id, outcome: 'chosen' }
      })
      return { outcomes }
    },
    'conflict:undo': ({ driveId, ids }) => {
      this.#update(driveId, (conflict) => (ids.includes(conflict.id) ? without(conflict) : conflict))
      return {}
    },
    'conflict:merge': ({ driveId, seen }) => {
      if (this.#find(driveId, seen.id)?.theirs?.etag !== seen.theirsEtag) return { id: seen.id, outcome: 'moved-on' }
      this.#drop(driveId, seen.id)
      return { id: seen.id, outcome: 'chosen' }
    },
    'conflict:content': async ({ driveId, id, side }) => {
      if (this.isContentSlow) await new Promise<void>((done) => (this.letContentCome = done))
      return contentOf(this.#find(driveId, id)?.path ?? '', side)
    },
    'conflict:open': () => ({}),
    'recovered:list': ({ driveId }) => ({ files: this.#recovered.get(driveId) ?? [] }),
    'recovered:content': ({ driveId, id }) =>
      contentOf(this.#recovered.get(driveId)?.find((file) => file.id === id)?.path ?? '', 'mine'),
    'recovered:open': () => ({}),
    'recovered:restore': ({ driveId, id }) => ({
      path: `${this.#recovered.get(driveId)?.find((file) => file.id === id)?.path ?? ''} (restored)`,
    }),
    'recovered:remove': ({ driveId, ids }) => {
      this.#recovered.set(
        driveId,
        (this.#recovered.get(driveId) ?? []).filter(({ id }) => !ids.includes(id)),
      )
      return {}
    },
  }

  #find(driveId: string, id: string): Conflict | undefined {
    return this.#lists.get(driveId)?.find((conflict) => conflict.id === id)
  }

  #carryOut(driveId: string, id: string): void {
    const choice = this.#find(driveId, id)?.choice
    if (choice?.state !== 'waiting' || choice.appliesAt > Date.now()) return
    this.#drop(driveId, id)
  }

  #drop(driveId: string, id: string): void {
    this.#lists.set(
      driveId,
      (this.#lists.get(driveId) ?? []).filter((conflict) => conflict.id !== id),
    )
    this.#tell(driveId)
  }

  #update(driveId: string, change: (conflict: Conflict) => Conflict): void {
    this.#lists.set(driveId, (this.#lists.get(driveId) ?? []).map(change))
    this.#tell(driveId)
  }

  #tell(driveId: string): void {
    this.#changed(driveId, this.#lists.get(driveId)?.length ?? 0, ++this.#revision)
  }
}

function without({ choice: _choice, ...conflict }: Conflict): Conflict {
  return conflict
}

function contentOf(path: string, side: 'mine' | 'theirs' | 'base'): SideContent {
  if (/\.(png|jpg)$/.test(path)) return { kind: 'image', mime: 'image/png', base64: picture(side) }
  if (!/\.(txt|md)$/.test(path)) return { kind: 'other', reason: /\.mov$/.test(path) ? 'too-large' : 'binary' }
  return { kind: 'text', text: { mine: mineText, theirs: theirText, base: baseText }[side], isUtf8: true }
}
