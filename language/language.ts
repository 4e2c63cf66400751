/** What is said to a person, in the language they chose. One language is in use at a time, in each process. */
import { IntlMessageFormat } from 'intl-messageformat'
import { english, type MessageKey } from './en/english.ts'
import { languages, type Language } from './languages.ts'

export type { MessageKey } from './en/english.ts'

export type MessageValues = Record<string, string | number>

let tag = 'en'
let language: Language | undefined = languages['en']
const formats = new Map<MessageKey, IntlMessageFormat>()

/** What was said before stays as it is: whoever shows it asks again. `definition` is for one that is not in `languages`. */
export function useLanguage(chosen: string, definition: Language | undefined = languages[chosen]): void {
  tag = definition === undefined ? 'en' : chosen
  language = definition ?? languages['en']
  formats.clear()
}

/** The BCP 47 tag of the language in use, for `Intl` and for the page. */
export function languageInUse(): { tag: string; direction: 'ltr' | 'rtl' } {
  return { tag, direction: language?.direction ?? 'ltr' }
}

/** A text of the language file. One that cannot be formatted is said in English, and as it is written if that fails too. */
export function t(key: MessageKey, values: MessageValues = {}): string {
  try {
    return formatOf(key).format(values) as string
  } catch {
    return englishText(key, values)
  }
}

function formatOf(key: MessageKey): IntlMessageFormat {
  const known = formats.get(key)
  if (known !== undefined) return known
  const translated = language?.messages[key]
  const format = translated === undefined ? englishFormat(key) : plainFormat(translated, tag)
  formats.set(key, format)
  return format
}

function englishText(key: MessageKey, values: MessageValues): string {
  try {
    return englishFormat(key).format(values) as string
  } catch {
    return english[key]
  }
}

const englishFormat = (key: MessageKey): IntlMessageFormat => plainFormat(english[key], 'en')

/** `<` and `>` are themselves: a text holds no markup. */
function plainFormat(text: string, locale: string): IntlMessageFormat {
  return new IntlMessageFormat(text, locale, undefined, { ignoreTag: true })
}
