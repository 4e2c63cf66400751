import { expect, it } from 'vitest'
import type { LogLevel } from '../../contracts/diagnostics.ts'
import { createLog } from '../runtime/log.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import { logStore } from './logged-store.ts'

it('every request is in a detailed log, with what came of it, and in no other; the level counts at once', async () => {
  let level: LogLevel = 'debug'
  const lines: Record<string, unknown>[] = []
  const log = createLog((line) => lines.push(JSON.parse(line) as Record<string, unknown>), { level: () => level })
  const store = logStore(createMemoryStore(), log, () => 0)
  await store.put('a', Buffer.from('x'), { metadata: {} }, { kind: 'absent' })
  await expect(store.put('a', Buffer.from('y'), { metadata: {} }, { kind: 'absent' })).rejects.toThrow()
  await store.list({ prefix: 'p/' })
  level = 'info'
  await store.head('a')
  log.info('said')
  level = 'error'
  log.warn('not said')
  log.error('said too', new Error('x'))
  expect(lines.map(({ message, operation, key, outcome }) => [message, operation, key, outcome])).toEqual([
    ['request', 'put', 'a', 'ok'],
    ['request', 'put', 'a', 'conflict'],
    ['request', 'list', 'p/', 'ok'],
    ['said', undefined, undefined, undefined],
    ['said too', undefined, undefined, undefined],
  ])
})
