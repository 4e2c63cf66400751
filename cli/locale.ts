/** `de_DE.UTF-8` as `de-DE`; nothing for `C` and `POSIX`. */
export function tagOf(locale: string | undefined): string[] {
  const tag = /^([a-z]{2,3})(?:_([A-Z]{2}))?(?:[.@]|$)/.exec(locale ?? '')
  if (tag === null) return []
  return [tag[2] === undefined ? (tag[1] ?? '') : `${tag[1]}-${tag[2]}`]
}
