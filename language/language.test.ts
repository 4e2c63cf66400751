import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { english, type MessageKey } from './en/english.ts'
import { languageInUse, t, useLanguage } from './language.ts'
import { languages, nearestLanguage } from './languages.ts'

/** Any text will do for a test of how one is said. */
const key = Object.keys(english)[0] as MessageKey

afterEach(() => useLanguage('en'))

function speak(text: string): void {
  useLanguage('xx', { name: 'Test', direction: 'rtl', messages: { [key]: text } })
}

describe('a text', () => {
  it('takes values, and chooses by a number', () => {
    speak('{count, plural, one {# file} other {# files}} of “{name}”')
    expect(t(key, { count: 1, name: 'a' })).toBe('1 file of “a”')
    expect(t(key, { count: 1200, name: '{b}' })).toBe('1,200 files of “{b}”')
  })

  it('holds no markup', () => {
    speak('<b>{name}</b>')
    expect(t(key, { name: '<i>' })).toBe('<b><i></b>')
  })

  it('is said in English where the language lacks it, or has it wrong', () => {
    useLanguage('xx', { name: 'Test', direction: 'ltr', messages: {} })
    expect(t(key)).toBe(english[key])
    speak('{broken')
    expect(t(key)).toBe(english[key])
  })

  it('is of the language in use from then on', () => {
    speak('one')
    expect(t(key)).toBe('one')
    expect(languageInUse()).toEqual({ tag: 'xx', direction: 'rtl' })
    useLanguage('en')
    expect(t(key)).toBe(english[key])
    expect(languageInUse()).toEqual({ tag: 'en', direction: 'ltr' })
  })
})

it('the language is the nearest of those that are wanted', () => {
  expect(nearestLanguage(['xx-YY', 'en-GB'])).toBe('en')
  expect(nearestLanguage([])).toBe('en')
})

describe.each(Object.entries(languages))('%s', (_tag, { messages }) => {
  it.each(Object.entries(messages))('%s is a message, with the values of the English one', (of, text) => {
    expect([...valuesOf(parse(text, { ignoreTag: true }))].sort()).toEqual(
      [...valuesOf(parse(english[of as MessageKey], { ignoreTag: true }))].sort(),
    )
  })
})

it('every English text is used', () => {
  const sources = ['renderer/src', 'main', 'contracts', 'fuse-worker', 'cli', 'language'].map(textOfFolder).join('\n')
  const unused = Object.keys(english).filter((one) => !sources.includes(`'${one}'`))
  expect(unused).toEqual([])
})

function valuesOf(elements: MessageFormatElement[]): Set<string> {
  const found = new Set<string>()
  for (const element of elements) {
    if (element.type === TYPE.literal || element.type === TYPE.pound) continue
    found.add(element.value)
    if (element.type !== TYPE.plural && element.type !== TYPE.select) continue
    for (const { value } of Object.values(element.options)) valuesOf(value).forEach((one) => found.add(one))
  }
  return found
}

function textOfFolder(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|svelte)$/.test(file) && !file.includes('.test.'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
}
