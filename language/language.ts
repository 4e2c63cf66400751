/** What is said to a person, in the language they chose. One language is in use at a time, in each process. */
import { IntlMessageFormat, type Formatters } from 'intl-messageformat'
import { english, type MessageKey } from './en/english.ts'
import { languageOf, languages, type Language } from './languages.ts'

export type { MessageKey } from './en/english.ts'

export type MessageValues = Record<string, string | number>

let tag = 'en'
let language: Language | undefined = languages['en']
/** What formats a text, or the text itself where nothing in it is to be formatted. */
type Format = Pick<IntlMessageFormat, 'format'>

const formats = new Map<MessageKey, Format>()

/** What was said before stays as it is: whoever shows it asks again. `definition` is for one that is not in `languages`. */
export function useLanguage(chosen: string, definition: Language | undefined = languageOf(chosen)): void {
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

function formatOf(key: MessageKey): Format {
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

const englishFormat = (key: MessageKey): Format => plainFormat(english[key], 'en')

/** `<` and `>` are themselves: a text holds no markup. Most texts hold no value either, and a screen has hundreds. */
function plainFormat(text: string, locale: string): Format {
  if (!text.includes('{')) return { format: () => text }
  return new IntlMessageFormat(text, locale, undefined, { ignoreTag: true, formatters })
}

/** Every text would make its own, and making one costs more than the text does. */
const formatters: Formatters = {
  getNumberFormat: remembered((...args: Parameters<Formatters['getNumberFormat']>) => new Intl.NumberFormat(...args)),
  getDateTimeFormat: remembered(
    (...args: Parameters<Formatters['getDateTimeFormat']>) => new Intl.DateTimeFormat(...args),
  ),
  getPluralRules: remembered((...args: Parameters<Formatters['getPluralRules']>) => new Intl.PluralRules(...args)),
}

function remembered<Args extends unknown[], Made>(make: (...args: Args) => Made): (...args: Args) => Made {
  const known = new Map<string, Made>()
  return (...args) => {
    const name = JSON.stringify(args)
    const made = known.get(name) ?? make(...args)
    known.set(name, made)
    return made
  }
}
