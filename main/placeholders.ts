/** Stands in for names: the same name always gets the same placeholder, and nothing of the name is in it. */
export type Placeholders = (kind: string, name: string) => string

export function placeholders(): Placeholders {
  const known = new Map<string, string>()
  const counts = new Map<string, number>()
  return (kind, name) => {
    const id = `${kind}\0${name}`
    const existing = known.get(id)
    if (existing !== undefined) return existing
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    const made = `${kind}-${count}`
    known.set(id, made)
    return made
  }
}
