/**
 * A name on one line of a terminal: control characters, which a bucket may have in any key, neither break the line nor reach the
 * terminal as commands. Files are shown as they are where a program reads on (`--json`).
 */
export function printable(name: string): string {
  return name.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const short = JSON.stringify(character).slice(1, -1)
    return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : short
  })
}
