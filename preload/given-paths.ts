/**
 * The paths of this computer that a person gave to this window: by dropping files on it, or in the system's dialog. A page that was taken
 * over can ask for nothing else to be read and uploaded.
 */
export class GivenPaths {
  readonly #given = new Set<string>()

  note(paths: readonly string[]): void {
    for (const path of paths) if (path !== '') this.#given.add(path)
  }

  /** The first of what is to be uploaded that nobody gave; whatever is no list of paths is for main to refuse. */
  strangerIn(params: unknown): string | undefined {
    return sourcesOf(params).find((source) => !this.#given.has(source))
  }

  /** What the dialog returned comes with the answer. */
  noteChosen(reply: unknown): void {
    const { result } = (reply ?? {}) as { result?: unknown }
    this.note(sourcesOf(result))
  }
}

function sourcesOf(from: unknown): string[] {
  const { sources } = (from ?? {}) as { sources?: unknown }
  return Array.isArray(sources) ? sources.filter((source) => typeof source === 'string') : []
}
