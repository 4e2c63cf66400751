/** Names of junk that only this machine cares about: what a drive without patterns of its own keeps here. */
export const defaultLocalOnlyPatterns: readonly string[] = [
  '.DS_Store',
  '._*',
  '.Trash-*',
  '.Trashes',
  '.Spotlight-V100',
  '.fseventsd',
  '.fuse_hidden*',
  '.nfs*',
  '.~lock.*',
  '~$*',
  'Thumbs.db',
  'desktop.ini',
  '.*.sw[a-p]',
  '.*.sw[a-p]x',
]

/** Patterns as a person writes and reads them, one a line. */
export const patternsFromText = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

export function isPattern(text: string): boolean {
  try {
    localOnlyMatcher([text])
    return true
  } catch {
    return false
  }
}

/** A test for names from patterns with `*`, `?` and `[a-z]`; case counts. Throws where brackets make no sense. */
export function localOnlyMatcher(patterns: readonly string[]): (name: string) => boolean {
  const sources = patterns.map((pattern) =>
    pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.'),
  )
  const expression = new RegExp(`^(?:${sources.join('|')})$`, 'su')
  return patterns.length === 0 ? () => false : (name) => expression.test(name)
}
