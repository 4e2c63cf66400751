/** Names in a row, as they stand in a text. */
import { languageInUse, t } from './language.ts'

export function listInWords(names: readonly string[]): string {
  return new Intl.ListFormat(languageInUse().tag, { type: 'unit', style: 'short' }).format(names)
}

/** The first of them, and how many more there are. */
export function namesInWords(names: readonly string[], mostShown: number): string {
  const shown = listInWords(names.slice(0, mostShown))
  const count = names.length - mostShown
  return count > 0 ? t('words.names.more', { names: shown, count }) : shown
}
