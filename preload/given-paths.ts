/**
 * The paths of this computer that a person gave to this window: by dropping files on it, or in the system's dialog. A page that was taken
 * over can ask for nothing else to be read: neither to be uploaded, nor for what can be imported from it.
 */
export class GivenPaths {
  readonly #given = new Set<string>()

  note(paths: readonly string[]): void {
    for (const path of paths) if (path !== '') this.#given.add(path)
  }

  /** The first of what is to be read that nobody gave; whatever is no path is for main to refuse. */
  strangerIn(name: string, params: unknown): string | undefined {
    const asked = asking[name]
    return asked && pathsAt(asked, params).find((path) => !this.#given.has(path))
  }

  /** What the dialog returned comes with the answer. */
  noteChosen(name: string, reply: unknown): void {
    const { result } = (reply ?? {}) as { result?: unknown }
    const told = telling[name]
    if (told) this.note(pathsAt(told, result))
  }
}

type Field = 'sources' | 'path'

/** Where the paths are in requests that have files read. */
const asking: Readonly<Partial<Record<string, Field>>> = {
  'file:upload': 'sources',
  'import:find': 'path',
  'import:apply': 'path',
}
/** And in the answers of those that ask with a dialog. */
const telling: Readonly<Partial<Record<string, Field>>> = { 'file:upload': 'sources', 'dialog:file': 'path' }

function pathsAt(field: Field, from: unknown): string[] {
  const found = ((from ?? {}) as Record<string, unknown>)[field]
  return (Array.isArray(found) ? found : [found]).filter((path) => typeof path === 'string')
}
