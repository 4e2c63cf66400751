import { expect, it } from 'vitest'
import { tagOf } from './locale.ts'

it.each([
  ['de_DE.UTF-8', ['de-DE']],
  ['de', ['de']],
  ['en_GB', ['en-GB']],
  ['ca_ES@valencia', ['ca-ES']],
  ['C.UTF-8', []],
  ['POSIX', []],
  [undefined, []],
])('the locale %s is the language %j', (locale, tags) => expect(tagOf(locale)).toEqual(tags))
