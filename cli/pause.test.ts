import { expect, it } from 'vitest'
import { pauseAsked } from './pause.ts'

const now = new Date(2026, 10, 21, 15)

it.each([
  [undefined, {}],
  ['30m', { until: now.getTime() + 1_800_000 }],
  ['2h', { until: now.getTime() + 7_200_000 }],
  ['tomorrow', { until: new Date(2026, 10, 22, 8).getTime() }],
])('“%s” is how long a pause lasts', (span, pause) => expect(pauseAsked(span, now)).toEqual(pause))

it.each(['', '0h', '1w', 'h', '-2h', 'an hour'])('“%s” is refused', (span) =>
  expect(() => pauseAsked(span, now)).toThrow('is not a span of time'),
)
