import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDriveStatus, type DriveState, type DriveStatus } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import { attentionNotice, repeatMs, type Attention } from './attention-notice.ts'
import { quietMs } from './notice-burst.ts'
import { sampleDrive } from './testing/samples.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const mounted = { state: 'mounted' } as const
const crashed = { code: 'worker-crashed', message: 'gone' } as const
const view = (id: string, status: Partial<DriveStatus> = {}, state: DriveState = mounted): DriveView => ({
  drive: { ...sampleDrive(), id, name: `Drive ${id}`, accountId: id.startsWith('w') ? 'work' : 'home' },
  state,
  status: { ...emptyDriveStatus, ...status },
})

function watched() {
  let drives: DriveView[] = []
  const told: Attention[] = []
  const seen = { isWatched: false }
  const notice = attentionNotice({
    drives: () => drives,
    accountName: (id) => id,
    isWatched: () => seen.isWatched,
    tell: (attention) => void told.push(attention),
  })
  const show = async (...views: DriveView[]): Promise<void> => {
    drives = views
    notice.drivesChanged()
    await vi.advanceTimersByTimeAsync(quietMs)
  }
  return { told, seen, show, notice }
}

describe('what a drive needs a person for', () => {
  const signedOut = { connection: 'signed-out' } as const

  it('is told of a sign-in once for the account, and leads to a drive of it', async () => {
    const { told, show } = watched()
    await show(view('w1'), view('w2'))
    await show(view('w1', signedOut), view('w2'))
    await show(view('w1', signedOut), view('w2'))
    await show(view('w1', signedOut), view('w2', signedOut))
    expect(told).toEqual([
      {
        kind: 'sign-ins',
        message: expect.stringContaining('The sign-in of “work” has ended.') as string,
        screen: { screen: 'drives', driveId: 'w1' },
      },
    ])
  })

  it('is told again when the sign-in ended again, and not while its drive is only mounted anew', async () => {
    const { told, show } = watched()
    await show(view('w1', signedOut))
    await show(view('w1', {}, { state: 'mounting' }))
    await show(view('w1', signedOut))
    expect(told).toHaveLength(1)
    await show(view('w1'))
    await show(view('w1', signedOut))
    expect(told).toHaveLength(2)
  })

  it('is one notification for several accounts, and one for several drives', async () => {
    const { told, show } = watched()
    await show(
      view('w1', signedOut),
      view('h1', signedOut),
      view('h2', { shortage: { code: 'cache-full', message: 'full' } }),
      view('h3', { connection: 'blocked', needsAttention: 2 }),
    )
    expect(told.map(({ kind, message }) => [kind, message])).toEqual([
      ['sign-ins', expect.stringContaining('The sign-ins of “work” and “home” have ended.')],
      ['trouble', '2 drives need you: “Drive h2” and “Drive h3”.'],
    ])
  })

  it('leads to the transfers for changes that were refused, of which conflicts are none', async () => {
    const { told, show } = watched()
    await show(view('w1', { needsAttention: 3, conflicts: 3 }))
    expect(told).toEqual([])
    await show(view('w1', { needsAttention: 5, conflicts: 3 }))
    expect(told).toEqual([
      {
        kind: 'trouble',
        message: expect.stringContaining('2 changes on “Drive w1” were refused') as string,
        screen: { screen: 'transfers', driveId: 'w1' },
      },
    ])
  })

  it('is told when a drive stays down, not when it comes back by itself, and not again within the hour', async () => {
    const { told, show, notice } = watched()
    const restarting = view('w1', {}, { state: 'restarting', retryAt: 1, problem: crashed })
    await show(view('w1'))
    void show(restarting)
    await show(view('w1'))
    expect(told).toEqual([])
    await show(restarting)
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('“Drive w1” has stopped')])
    await show(view('w1'))
    await show(restarting)
    expect(told).toHaveLength(1)
    await show(view('w1'))
    await vi.advanceTimersByTimeAsync(repeatMs)
    await show(restarting)
    expect(told).toHaveLength(2)
    notice.drivesChanged()
  })

  it('is not told of a mount that failed before the eyes of a person, nor of keys that have to be unlocked', async () => {
    const { told, seen, show } = watched()
    const failed = (code: 'bucket-unknown' | 'keys-locked'): DriveState => ({
      state: 'failed',
      problem: { code, message: 'not there' },
    })
    await show(view('w1', {}, failed('keys-locked')))
    seen.isWatched = true
    await show(view('w2', {}, failed('bucket-unknown')))
    expect(told).toEqual([])
    seen.isWatched = false
    await show(view('w3', {}, failed('bucket-unknown')))
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('“Drive w3” could not be mounted')])
  })
})
