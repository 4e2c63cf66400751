import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { IpcEventMessage } from '../contracts/ipc.ts'
import { eventStream, maxUnseen, maxWaiting } from './event-stream.ts'
import { sampleTransfer } from './testing/samples.ts'

function open() {
  const sent: IpcEventMessage[] = []
  let notices = 0
  const stream = eventStream({
    read: (topic) => {
      if (topic === 'drives') return { kind: 'drives:changed', drives: [] }
      if (topic !== 'notices') throw new Error(topic)
      return { kind: 'notices:changed', notices: [{ code: 'internal', message: String(notices) }] }
    },
  })
  const attach = () => stream.attach((message) => void sent.push(message))
  const raise = () => {
    notices++
    stream.changed('notices')
  }
  return { stream, sent, attach, raise }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('events to the window', () => {
  it('a burst becomes one event with the latest state, at most ten batches a second', () => {
    const { sent, attach, raise } = open()
    attach()
    for (let n = 0; n < 1000; n++) {
      raise()
      vi.advanceTimersByTime(1)
    }
    vi.advanceTimersByTime(1000)
    expect(sent.length).toBeGreaterThan(5)
    expect(sent.length).toBeLessThanOrEqual(12)
    expect(sent.map(({ sequence }) => sequence)).toEqual(sent.map((_, n) => n + 1))
    expect(sent.at(-1)?.event).toMatchObject({ notices: [{ message: '1000' }] })
  })

  it('a window that does not keep up gets nothing more until it has, then the latest', () => {
    const { stream, sent, attach, raise } = open()
    attach()
    for (let n = 0; n < 500; n++) {
      raise()
      stream.transfersChanged([sampleTransfer({ doneBytes: n })])
      vi.advanceTimersByTime(100)
    }
    expect(sent.length).toBeLessThanOrEqual(maxUnseen + 2)
    const stuckAt = sent.length
    stream.seen(stuckAt)
    vi.advanceTimersByTime(100)
    expect(sent).toHaveLength(stuckAt + 2)
    expect(sent.at(-1)?.event).toMatchObject({ transfers: [{ doneBytes: 499 }] })
  })

  it('steps of something that was asked for come in their order, and only to the window that is there', () => {
    const { stream, sent, attach } = open()
    const step = (id: 'reachable' | 'signed') =>
      stream.progressed({ kind: 'account:stepped', testId: 'one', step: { id, outcome: 'running' } })
    step('reachable')
    attach()
    step('reachable')
    step('signed')
    vi.advanceTimersByTime(1000)
    expect(sent.map(({ event }) => event)).toMatchObject([{ step: { id: 'reachable' } }, { step: { id: 'signed' } }])
  })

  it('a window that attaches later gets no stale changes, but an open question', () => {
    const { stream, sent, attach, raise } = open()
    raise()
    stream.quit({ kind: 'quit:asked', unsyncedBytes: 1, pendingOperations: 1, isAgain: false })
    expect(attach()).toBe(0)
    vi.advanceTimersByTime(100)
    expect(sent.map(({ event }) => event.kind)).toEqual(['quit:asked'])
    stream.detach()
    raise()
    vi.advanceTimersByTime(1000)
    expect(sent).toHaveLength(1)
    expect(attach()).toBe(1)
  })

  it('a transfer that changed and was cleared is only cleared', () => {
    const { stream, sent, attach } = open()
    attach()
    stream.transfersChanged([sampleTransfer({ id: 'a' })])
    stream.transfersCleared(['a'])
    vi.advanceTimersByTime(100)
    expect(sent.map(({ event }) => event)).toEqual([{ kind: 'transfers:cleared', ids: ['a'] }])
  })

  it('too much for a slow window is dropped, and a number left out tells it to ask for a snapshot', () => {
    const { stream, sent, attach } = open()
    attach()
    stream.transfersCleared(Array.from({ length: maxWaiting + 1 }, (_, n) => String(n)))
    vi.advanceTimersByTime(100)
    expect(sent).toEqual([{ sequence: 2, event: { kind: 'drives:changed', drives: [] } }])
  })
})
