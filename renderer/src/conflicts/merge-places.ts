/**
 * The places of a merged text where a person has to choose: each has a bar above it with both sides and the answers. They
 * move along with what is typed, and Undo brings a choice back.
 */
import { invertedEffects } from '@codemirror/commands'
import {
  RangeSet,
  StateEffect,
  StateField,
  Text,
  type EditorState,
  type Extension,
  type Range,
} from '@codemirror/state'
import { Decoration, EditorView, WidgetType, type DecorationSet } from '@codemirror/view'
import { textOfLines, type Piece } from './merge-plan.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import { sideName } from '../words/conflict-words.ts'

type Answer = 'mine' | 'theirs' | 'both' | 'own'
type Place = {
  id: number
  from: number
  to: number
  mine: readonly string[]
  theirs: readonly string[]
  isLast: boolean
  answer: Answer | undefined
}

const answered = StateEffect.define<{ id: number; answer: Answer | undefined }>()

const placesField = StateField.define<readonly Place[]>({
  create: () => [],
  update(places, transaction) {
    const settled = new Set(transaction.effects.flatMap((effect) => (effect.is(answered) ? [effect.value.id] : [])))
    let next = places
    if (transaction.docChanged)
      next = next.map((place) => ({
        ...place,
        from: transaction.changes.mapPos(place.from, -1),
        // Lines that an answer puts where there were none belong to the place; what is typed there does not.
        to: transaction.changes.mapPos(place.to, settled.has(place.id) ? 1 : -1),
      }))
    for (const effect of transaction.effects) {
      if (!effect.is(answered)) continue
      const { id, answer } = effect.value
      next = next.map((place) => (place.id === id ? { ...place, answer } : place))
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field, decorationsOf),
})

export function unsettledIn(state: EditorState): number {
  return state.field(placesField).filter(({ answer }) => answer === undefined).length
}

/** To the next place that is not settled, round the end. */
export function nextPlace(view: EditorView): void {
  const at = view.state.selection.main.head
  const open = view.state.field(placesField).filter(({ answer }) => answer === undefined)
  const next = open.find(({ from }) => from > at) ?? open[0]
  if (!next) return
  view.dispatch({
    selection: { anchor: next.from },
    effects: EditorView.scrollIntoView(next.from, { y: 'center' }),
  })
  view.focus()
}

/** The text to begin with, which has mine at each place, and what makes the places of it. */
export function mergePlaces(pieces: readonly Piece[]): { doc: Text; extension: Extension; places: number } {
  const places: Place[] = []
  let text = ''
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1
    const from = text.length
    text += textOfLines(piece.kind === 'plain' ? piece.lines : piece.mine, isLast)
    if (piece.kind === 'plain') continue
    const { mine, theirs } = piece
    places.push({ id: index, from, to: text.length, mine, theirs, isLast, answer: undefined })
  }
  const undoable = invertedEffects.of((transaction) =>
    transaction.effects.flatMap((effect) => {
      if (!effect.is(answered)) return []
      const before = transaction.startState.field(placesField).find(({ id }) => id === effect.value.id)
      return [answered.of({ id: effect.value.id, answer: before?.answer })]
    }),
  )
  return {
    doc: Text.of(text.split('\n')),
    extension: [placesField.init(() => places), undoable],
    places: places.length,
  }
}

function settle(view: EditorView, id: number, answer: Answer | undefined): void {
  const place = view.state.field(placesField).find((one) => one.id === id)
  if (!place) return
  const lines = answer === undefined || answer === 'own' ? undefined : linesFor(place, answer)
  view.dispatch({
    ...(lines
      ? { changes: { from: place.from, to: place.to, insert: Text.of(textOfLines(lines, place.isLast).split('\n')) } }
      : {}),
    effects: answered.of({ id, answer }),
    userEvent: 'input.settle',
  })
}

function linesFor({ mine, theirs }: Place, answer: 'mine' | 'theirs' | 'both'): readonly string[] {
  if (answer === 'both') return [...mine, ...theirs]
  return answer === 'mine' ? mine : theirs
}

const open = Decoration.mark({ class: 'in-place' })

function decorationsOf(places: readonly Place[]): DecorationSet {
  const ranges = places.flatMap((place): Range<Decoration>[] => [
    Decoration.widget({ widget: new PlaceBar(place), block: true, side: -1 }).range(place.from),
    ...(place.answer === undefined && place.from < place.to ? [open.range(place.from, place.to)] : []),
  ])
  return RangeSet.of(ranges, true)
}

const answerTexts: Record<Answer, MessageKey> = {
  mine: 'conflicts.place.mine',
  theirs: 'conflicts.place.theirs',
  both: 'conflicts.place.both',
  own: 'conflicts.place.own',
}

class PlaceBar extends WidgetType {
  readonly #place: Place

  constructor(place: Place) {
    super()
    this.#place = place
  }

  override eq(other: PlaceBar): boolean {
    return other.#place.id === this.#place.id && other.#place.answer === this.#place.answer
  }

  override toDOM(view: EditorView): HTMLElement {
    const { id, answer, mine, theirs } = this.#place
    const box = element('div', answer === undefined ? 'place' : 'place settled')
    box.setAttribute('role', 'group')
    box.setAttribute('aria-label', t('conflicts.place'))
    const bar = element('div', 'place-bar')
    bar.append(element('span', 'place-title', t(answer === undefined ? 'conflicts.place' : answerTexts[answer])))
    const button = (label: string, next: Answer | undefined) => {
      const made = element('button', '', label)
      made.addEventListener('click', () => settle(view, id, next))
      bar.append(made)
    }
    box.append(bar)
    if (answer !== undefined) {
      button(t('conflicts.place.again'), undefined)
      return box
    }
    button(sideName('mine'), 'mine')
    button(sideName('theirs'), 'theirs')
    button(t('conflicts.both'), 'both')
    button(t('conflicts.place.keep'), 'own')
    const sides = element('div', 'place-sides')
    sides.append(sideOf(sideName('mine'), mine), sideOf(sideName('theirs'), theirs))
    box.append(sides)
    return box
  }

  override ignoreEvent(): boolean {
    return true
  }
}

function sideOf(name: string, lines: readonly string[]): HTMLElement {
  const side = element('div', 'place-side')
  const text = element('pre', '', lines.length === 0 ? '(nothing: these lines were deleted)' : lines.join('\n'))
  text.tabIndex = 0
  text.setAttribute('role', 'region')
  text.setAttribute('aria-label', `${name}, here`)
  side.append(element('p', 'place-name', name), text)
  return side
}

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.textContent = text
  if (made instanceof HTMLButtonElement) made.type = 'button'
  return made
}
