import { expect, test } from 'vitest'
import { unmountChoice } from './unmount-choice.ts'

test.each([
  ['nothing said', {}, { pending: 'wait', deadlineMs: 600_000 }],
  ['--wait', { wait: true as const }, { pending: 'wait', deadlineMs: 600_000 }],
  ['--wait=90', { wait: '90' }, { pending: 'wait', deadlineMs: 90_000 }],
  ['--wait=0', { wait: '0' }, { pending: 'wait', deadlineMs: 0 }],
  ['--leave', { leave: true }, { pending: 'leave', deadlineMs: 0 }],
])('unmount with %s', (_title, options, choice) => expect(unmountChoice(options)).toEqual(choice))

test.each([{ wait: 'long' }, { wait: '-1' }, { wait: '' }, { wait: '5', leave: true }])(
  'unmount with %o is refused',
  (options) => expect(() => unmountChoice(options)).toThrow(/--wait/),
)
