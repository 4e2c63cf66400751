import { expect, it } from 'vitest'
import { withNotified } from './notification.ts'

it('each kind is turned off and on by itself, and twice is once', () => {
  const one = withNotified(withNotified([], 'queued', false), 'queued', false)
  expect(one).toEqual(['queued'])
  const both = withNotified(one, 'conflicts', false)
  expect(both).toEqual(['queued', 'conflicts'])
  expect(withNotified(both, 'queued', true)).toEqual(['conflicts'])
  expect(withNotified([], 'queued', true)).toEqual([])
})
