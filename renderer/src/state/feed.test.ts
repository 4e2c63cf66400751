import { beforeEach, describe, expect, it } from 'vitest'
import type { CloudMountBridge, IpcEvent, IpcEventMessage, Snapshot } from '../../../contracts/ipc.ts'
import { Feed } from './feed.ts'

const cleared = (id: string): IpcEvent => ({ kind: 'transfers:cleared', ids: [id] })

function snapshotAt(sequence: number): Snapshot {
  const update = { state: 'idle' as const }
  const settings = { opensAtLogin: false, keepsRunningWhenClosed: true, theme: 'system' } as const
  const empty = {
    accounts: [],
    drives: [],
    transfers: [],
    notices: [],
    keyFile: 'absent' as const,
    mountSetup: { state: 'idle' as const },
  }
  return { sequence, ...empty, settings, platform: 'linux', appVersion: '0', mountRoot: '/home/a/CloudMount', update }
}

describe('the feed', () => {
  let emit: (message: IpcEventMessage) => void
  let answer: (snapshot: Snapshot) => Promise<void>
  let requests: number
  let seen: string[]
  let feed: Feed

  beforeEach(() => {
    requests = 0
    seen = []
    let resolve: (snapshot: Snapshot) => void
    const request = () => {
      requests += 1
      return new Promise((done) => {
        resolve = (snapshot) => done({ ok: true, result: snapshot })
      })
    }
    const onEvent = (listener: typeof emit) => {
      emit = listener
      return () => undefined
    }
    answer = async (snapshot) => {
      resolve(snapshot)
      await new Promise((done) => setImmediate(done))
    }
    feed = new Feed({
      bridge: { request, onEvent } as unknown as CloudMountBridge,
      onSnapshot: ({ sequence }) => seen.push(`snapshot ${sequence}`),
      onEvent: (event) => seen.push(event.kind === 'transfers:cleared' ? event.ids.join() : event.kind),
      onFailure: (problem) => seen.push(problem.message),
    })
    void feed.start()
  })

  it('holds what arrives before the snapshot and leaves out what the snapshot includes', async () => {
    emit({ sequence: 5, event: cleared('five') })
    emit({ sequence: 6, event: cleared('six') })
    await answer(snapshotAt(5))
    expect(seen).toEqual(['snapshot 5', 'six'])
  })

  it('asks for a new snapshot after a gap, and goes on from there', async () => {
    await answer(snapshotAt(1))
    emit({ sequence: 2, event: cleared('two') })
    emit({ sequence: 4, event: cleared('four') })
    emit({ sequence: 5, event: cleared('five') })
    expect(requests).toBe(2)
    await answer(snapshotAt(4))
    expect(seen).toEqual(['snapshot 1', 'two', 'snapshot 4', 'five'])
  })

  it('asks again when a gap opened while the snapshot was on its way', async () => {
    emit({ sequence: 9, event: cleared('nine') })
    await answer(snapshotAt(3))
    expect(requests).toBe(2)
    await answer(snapshotAt(9))
    expect(seen).toEqual(['snapshot 3', 'snapshot 9'])
  })

  it('applies nothing twice', async () => {
    await answer(snapshotAt(1))
    emit({ sequence: 2, event: cleared('two') })
    emit({ sequence: 2, event: cleared('two') })
    expect(seen).toEqual(['snapshot 1', 'two'])
  })
})
