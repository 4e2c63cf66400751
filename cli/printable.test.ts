import { expect, it } from 'vitest'
import { printable } from './printable.ts'

it.each([
  ['a b.txt', 'a b.txt'],
  ['דפתר 12.txt', 'דפתר 12.txt'],
  ['line\nbreak', 'line\\nbreak'],
  ['\x1b[2Jgone', '\\u001b[2Jgone'],
  ['\u009b2J', '\\u009b2J'],
  ['\x7f\u2028', '\\u007f\\u2028'],
])('%j is printed on one line, without commands to the terminal', (name, printed) =>
  expect(printable(name)).toBe(printed),
)
