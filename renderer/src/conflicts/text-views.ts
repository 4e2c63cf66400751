/** Text side by side, and text being merged. Loaded when first wanted, so that the window starts without CodeMirror. */
import { goToNextChunk, goToPreviousChunk, MergeView } from '@codemirror/merge'
import { history, historyKeymap, standardKeymap } from '@codemirror/commands'
import { EditorState, Text } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { mergePlaces, nextPlace, unsettledIn } from './merge-places.ts'
import { lineBreakOf, mergePlan, type LineBreak } from './merge-plan.ts'
import { shadowPlace, textLook } from './text-look.ts'
import { t } from '../../../language/language.ts'
import { sideName } from '../words/conflict-words.ts'

export type TextComparison = { differences: number; next: () => void; previous: () => void; destroy: () => void }

export function compareTexts(host: HTMLElement, sides: { mine: string; theirs: string }): TextComparison {
  const { root, place } = shadowPlace(host)
  const lineBreak = lineBreakOf([sides.mine, sides.theirs])
  const side = (text: string, label: string) => ({
    doc: Text.of(text.split(lineBreak)),
    extensions: [textLook(label, true), keymap.of(standardKeymap)],
  })
  const view = new MergeView({
    a: side(sides.mine, sideName('mine')),
    b: side(sides.theirs, sideName('theirs')),
    parent: place,
    root,
    gutter: true,
    highlightChanges: true,
    collapseUnchanged: { margin: 3, minSize: 6 },
    diffConfig: { scanLimit: 500, timeout: 1500 },
  })
  const go = (move: typeof goToNextChunk) => {
    move({ state: view.b.state, dispatch: (transaction) => view.b.dispatch(transaction) })
    view.b.focus()
  }
  // The view is what scrolls, so it is what the keyboard must reach.
  view.dom.tabIndex = 0
  return {
    differences: view.chunks.length,
    next: () => go(goToNextChunk),
    previous: () => go(goToPreviousChunk),
    destroy: () => view.destroy(),
  }
}

export type TextMerge = { text: () => string; next: () => void; destroy: () => void }

export type TextMergeOptions = {
  mine: string
  theirs: string
  base: string | undefined
  /** How many places a person still has to choose at, and how many there are. */
  onchange: (unsettled: number, places: number) => void
}

export function mergeTexts(host: HTMLElement, { mine, theirs, base, onchange }: TextMergeOptions): TextMerge {
  const { root, place } = shadowPlace(host)
  const lineBreak = lineBreakOf([mine, theirs])
  const { doc, extension, places } = mergePlaces(mergePlan({ mine, theirs, base }, lineBreak))
  const tell = (state: EditorState) => onchange(unsettledIn(state), places)
  const state = EditorState.create({
    doc,
    extensions: [
      textLook(t('conflicts.merged'), false),
      EditorState.lineSeparator.of(lineBreak),
      history(),
      keymap.of([...standardKeymap, ...historyKeymap]),
      extension,
      EditorView.updateListener.of((update) => tell(update.state)),
    ],
  })
  const view = new EditorView({ state, parent: place, root })
  tell(state)
  return {
    text: () => textOf(view.state, lineBreak),
    next: () => nextPlace(view),
    destroy: () => view.destroy(),
  }
}

function textOf({ doc }: EditorState, lineBreak: LineBreak): string {
  return [...doc.iterLines()].join(lineBreak)
}
