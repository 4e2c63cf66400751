/**
 * How CodeMirror looks here. It stands in a shadow root, because there its styles are made through the object model, which
 * the window's content policy allows; in the document it would need a `style` element, which the policy refuses.
 */
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, highlightSpecialChars, lineNumbers } from '@codemirror/view'

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-code)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused .cm-selectionBackground, ::selection': { backgroundColor: 'var(--accent-soft)' },
  '.cm-gutters': {
    color: 'var(--text-muted)',
    backgroundColor: 'var(--surface-sunken)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '26px' },
  '&.cm-merge-a .cm-changedLine, &.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--accent-soft)' },
  '&.cm-merge-a .cm-changedText, &.cm-merge-b .cm-changedText': {
    background: 'var(--pressed)',
    textDecoration: 'underline 2px var(--accent-text)',
  },
  '&.cm-merge-a .cm-changedLineGutter, &.cm-merge-b .cm-changedLineGutter': { background: 'var(--accent-text)' },
  '.cm-collapsedLines': {
    color: 'var(--text-muted)',
    background: 'var(--surface-sunken)',
    fontFamily: 'var(--font-text)',
    fontSize: '12px',
  },
  // The signs it has by default are in few typefaces.
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '""', margin: '0' },
  '.place': {
    borderTop: '2px solid var(--warning)',
    background: 'var(--warning-soft)',
    fontFamily: 'var(--font-text)',
  },
  '.place.settled': { borderTopColor: 'var(--good)', background: 'var(--good-soft)' },
  '.place-bar': { display: 'flex', flexWrap: 'wrap', gap: '6px', alignItems: 'center', padding: '5px 10px' },
  '.place-title': { flex: '1 1 160px', fontWeight: '550' },
  '.place-sides': { display: 'grid', gridTemplateColumns: '1fr 1fr', gap: '10px', padding: '0 10px 8px' },
  '.place-name': { margin: '0 0 2px', fontSize: '12px', color: 'var(--text-muted)', fontWeight: '600' },
  '.place-side pre': {
    maxHeight: '12em',
    margin: '0',
    padding: '4px 8px',
    overflow: 'auto',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    background: 'var(--surface)',
    font: '12.5px/1.5 var(--font-code)',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
  '.place button': {
    minHeight: '28px',
    padding: '3px 10px',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    background: 'var(--surface)',
    color: 'var(--text)',
    font: '500 13px var(--font-text)',
  },
  '.place button:focus-visible': { outline: '2px solid var(--focus)', outlineOffset: '2px' },
  '.in-place': { backgroundColor: 'var(--warning-soft)' },
})

const frame = `
  :host { display: flex; flex-direction: column; min-height: 0; height: 100%; }
  .root { flex: 1; min-height: 0; overflow: hidden; display: flex; flex-direction: column; }
  .cm-mergeView { flex: 1; min-height: 0; overflow: auto; }
  .cm-mergeViewEditors { min-height: 100%; }
  .cm-mergeViewEditor + .cm-mergeViewEditor { border-inline-start: 1px solid var(--line); }
  .root > .cm-editor { flex: 1; min-height: 0; }
  .cm-editor { box-sizing: border-box; }
`

export function textLook(label: string, isReadOnly: boolean): Extension {
  return [
    look,
    lineNumbers(),
    highlightSpecialChars(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({ 'aria-label': label, ...(isReadOnly ? { 'aria-readonly': 'true' } : {}) }),
  ]
}

/** A place of its own in `host`, which may be used again. */
export function shadowPlace(host: HTMLElement): { root: ShadowRoot; place: HTMLElement } {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(frame)
  root.adoptedStyleSheets = [sheet]
  const place = document.createElement('div')
  place.className = 'root'
  root.replaceChildren(place)
  return { root, place }
}
