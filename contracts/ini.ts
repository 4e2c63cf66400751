/**
 * Sections of `key = value` lines as rclone and the AWS tools write them: a comment is a line of its own, and a value is all that
 * follows the first `=`. The parsers on npm read other dialects: `ini` cuts a value at `#` and `;`, which secret keys may hold, and
 * takes dots in a section's name apart; `js-ini` writes a section named `constructor` into `Object`.
 */
export type IniSections = Map<string, Map<string, string>>

export function parseIni(text: string): IniSections {
  const sections: IniSections = new Map()
  let section: Map<string, string> | undefined
  for (const rawLine of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = rawLine.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const name = /^\[(.*)\]/.exec(line)?.[1]?.trim()
    if (name !== undefined) {
      section = sections.get(name) ?? new Map<string, string>()
      sections.set(name, section)
      continue
    }
    const at = line.indexOf('=')
    if (at > 0) section?.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim())
  }
  return sections
}
