/** Which rows of a list are chosen and which one has the focus, by key; pure, so that every key press can be tested. */
export type Selection = {
  readonly chosen: ReadonlySet<string>
  readonly active: string | undefined
  /** Where a range that Shift extends begins. */
  readonly anchor: string | undefined
}

export const emptySelection: Selection = { chosen: new Set(), active: undefined, anchor: undefined }

/** To the row at `index`, or the nearest there is. */
export function movedTo(selection: Selection, keys: readonly string[], index: number, isExtending: boolean): Selection {
  const active = keys[Math.max(0, Math.min(index, keys.length - 1))]
  if (active === undefined) return emptySelection
  if (!isExtending) return { chosen: selection.chosen, active, anchor: active }
  const anchor = selection.anchor ?? selection.active ?? active
  return { chosen: new Set(between(keys, anchor, active)), active, anchor }
}

export function toggled(selection: Selection, key: string): Selection {
  const chosen = new Set(selection.chosen)
  if (!chosen.delete(key)) chosen.add(key)
  return { chosen, active: key, anchor: key }
}

export function onlyChosen(key: string): Selection {
  return { chosen: new Set([key]), active: key, anchor: key }
}

/** All there are; none, where all are chosen already. */
export function allToggled(selection: Selection, keys: readonly string[]): Selection {
  const hasAll = keys.length > 0 && keys.every((key) => selection.chosen.has(key))
  return { ...selection, chosen: new Set(hasAll ? [] : keys) }
}

/** What is no longer in the list is not chosen; the focus goes to what followed it, or else to what was before it. */
export function pruned(selection: Selection, before: readonly string[], after: readonly string[]): Selection {
  const left = new Set(after)
  const chosen = new Set([...selection.chosen].filter((key) => left.has(key)))
  const anchor = selection.anchor !== undefined && left.has(selection.anchor) ? selection.anchor : undefined
  if (selection.active === undefined || left.has(selection.active)) return { ...selection, chosen, anchor }
  const at = before.indexOf(selection.active)
  const next = before.slice(at + 1).find((key) => left.has(key)) ?? before.slice(0, at).findLast((key) => left.has(key))
  return { chosen, active: next ?? after[0], anchor }
}

/** What an action is about: what is chosen, or else the row in focus. */
export function targetsOf(selection: Selection): readonly string[] {
  if (selection.chosen.size > 0) return [...selection.chosen]
  return selection.active === undefined ? [] : [selection.active]
}

function between(keys: readonly string[], one: string, other: string): readonly string[] {
  const [first = 0, last = 0] = [keys.indexOf(one), keys.indexOf(other)].sort((a, b) => a - b)
  return keys.slice(Math.max(0, first), last + 1)
}
