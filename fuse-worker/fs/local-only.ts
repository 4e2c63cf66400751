/** Names of junk that only this machine cares about. Not a setting yet. */
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

/** A test for names from patterns with `*`, `?` and `[a-z]`; case counts. */
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
