import { expect, it } from 'vitest'
import type { Problem } from '../../../contracts/problem.ts'
import { keyPlaceErrors, mustChoosePlace } from './key-place.ts'

const keychainProblem: Problem = { code: 'keychain-unavailable', message: 'No keychain.' }

it('a place is asked for only where there is neither a keychain nor a key file', () => {
  expect(mustChoosePlace({ keychainProblem, keyFile: 'absent' })).toBe(true)
  expect(mustChoosePlace({ keychainProblem, keyFile: 'open' })).toBe(false)
  expect(mustChoosePlace({ keychainProblem, keyFile: 'locked' })).toBe(false)
  expect(mustChoosePlace({ keychainProblem: undefined, keyFile: 'absent' })).toBe(false)
})

it.each([
  ['session', '', '', {}],
  ['file', 'short', 'short', { passphrase: expect.stringContaining('8 characters') as string }],
  ['file', 'long enough', 'long enougj', { repeated: 'The two are not the same.' }],
  ['file', 'long enough', 'long enough', {}],
] as const)('%s with “%s” and “%s”', (place, passphrase, repeated, errors) => {
  expect(keyPlaceErrors({ place, passphrase, repeated })).toEqual(errors)
})
