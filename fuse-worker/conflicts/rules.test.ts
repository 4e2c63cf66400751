import { expect, it } from 'vitest'
import { addedRules, settledKind } from './rules.ts'

const rules = [
  { path: 'docs', policy: 'mine' },
  { path: 'docs/shared', policy: 'ask' },
  { path: 'docs/shared/logs', policy: 'theirs' },
] as const

it.each([
  ['a.txt', 'both'],
  ['docs', 'both'],
  ['docs/a.txt', 'mine'],
  ['docsy/a.txt', 'both'],
  ['docs/shared/a.txt', undefined],
  ['docs/shared/logs/deep/a.txt', 'theirs'],
])('of %s the innermost rule, or else the drive’s policy, decides: %s', (path, kind) =>
  expect(settledKind(path, { policy: 'both', rules })).toBe(kind),
)

it('without rules and policy a person is asked', () =>
  expect(settledKind('a', { policy: 'ask', rules: [] })).toBeUndefined())

it('a rule is new when its folder or what it says was not there', () => {
  expect(addedRules(rules, rules)).toEqual([])
  expect(addedRules(rules, [{ path: 'docs', policy: 'both' }])).toHaveLength(1)
})
