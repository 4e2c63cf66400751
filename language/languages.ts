/** The languages there are. English is the one that is complete. */
import { english, type MessageKey } from './en/english.ts'

export type Messages = Partial<Record<MessageKey, string>>

/** `name` is what the language calls itself. */
export type Language = { name: string; direction: 'ltr' | 'rtl'; messages: Messages }

export const languages: Record<string, Language> = { en: { name: 'English', direction: 'ltr', messages: english } }

/**
 * English in brackets, by the tag that is customary for such a language: what is shown without them is not in the language file. Nobody
 * is offered it, and no system asks for it; tests choose it.
 */
export const pseudoTag = 'en-XA'

export function languageOf(tag: string): Language | undefined {
  return tag === pseudoTag ? pseudoLanguage() : languages[tag]
}

function pseudoLanguage(): Language {
  const messages = Object.fromEntries(Object.entries(english).map(([key, text]) => [key, `⟦${text}⟧`]))
  return { name: 'Pseudo', direction: 'ltr', messages }
}

/** The first of the `wanted` BCP 47 tags that there is, by its region or without; English otherwise. */
export function nearestLanguage(wanted: readonly string[]): string {
  const tags = Object.keys(languages)
  for (const tag of wanted) {
    const primary = tag.split('-')[0]
    const found = tags.find((one) => one === tag) ?? tags.find((one) => one.split('-')[0] === primary)
    if (found !== undefined) return found
  }
  return 'en'
}
