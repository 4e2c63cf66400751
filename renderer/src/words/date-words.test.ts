import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../../../language/language.ts'
import { dateInWords, momentInWords, wholeDayInWords } from './date-words.ts'

const now = new Date(2026, 10, 21, 14, 32).getTime()
const hourMs = 3_600_000

afterEach(() => useLanguage('en'))

describe('a moment', () => {
  it('is said by the days between, with the year only where it is another', () => {
    expect(momentInWords(now - hourMs, now)).toBe('today 13:32')
    expect(momentInWords(now - 24 * hourMs, now)).toBe('yesterday 14:32')
    expect(momentInWords(new Date(2026, 10, 20, 23, 59).getTime(), now)).toBe('yesterday 23:59')
    expect(momentInWords(new Date(2026, 0, 3, 9, 5).getTime(), now)).toBe('3 Jan, 09:05')
    expect(momentInWords(new Date(2025, 0, 3, 9, 5).getTime(), now)).toBe('3 Jan 2025, 09:05')
  })

  it('is written as the language in use writes it', () => {
    useLanguage('de', { name: 'Deutsch', direction: 'ltr', messages: {} })
    expect(dateInWords(new Date(2025, 4, 3).getTime())).toBe('3. Mai 2025')
    expect(wholeDayInWords(new Date(2026, 4, 3).getTime(), now)).toBe('Sonntag, 3. Mai')
  })
})
