import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { UpdateChannel } from '../../contracts/update.ts'
import { firstLookMs, lookEveryMs, updateDesk, updateHindrance } from './update-desk.ts'
import type { Progress } from './update-source.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function desk(channel?: UpdateChannel) {
  const chosen: { channel: UpdateChannel | undefined } = { channel }
  const source = {
    check: vi.fn((_channel: 'stable' | 'beta') => Promise.resolve<string | undefined>('2.0.0')),
    download: vi.fn((progress: (progress: Progress) => void) => {
      progress({ doneBytes: 1, totalBytes: 4, bytesPerSecond: 1 })
      return Promise.resolve()
    }),
    cancel: vi.fn(),
    install: vi.fn(),
  }
  const quit = vi.fn()
  const states: string[] = []
  const updates = updateDesk({
    source,
    hindrance: undefined,
    channel: () => chosen.channel,
    quit,
    nowMs: () => Date.now(),
    changed: () => states.push(updates.state().state),
    log: () => {},
  })
  return { updates, source, quit, states, chosen }
}

describe('a new version', () => {
  it('is looked for on the channel that was chosen, stable without a choice', async () => {
    const { updates, source, chosen } = desk()
    await updates.check()
    expect(updates.state()).toMatchObject({ state: 'available', version: '2.0.0' })
    chosen.channel = 'beta'
    await updates.check()
    expect(source.check.mock.calls).toEqual([['stable'], ['beta']])
  })

  it('is never asked for while updates are off', async () => {
    const { updates, source } = desk('off')
    updates.start()
    await updates.check()
    await vi.advanceTimersByTimeAsync(3 * lookEveryMs)
    expect(source.check).not.toHaveBeenCalled()
  })

  it('is looked for some time after the start and then once a day, by itself, and nothing is fetched', async () => {
    const { updates, source } = desk()
    source.check.mockResolvedValue(undefined)
    updates.start()
    await vi.advanceTimersByTimeAsync(firstLookMs - 1)
    expect(source.check).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(source.check).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(lookEveryMs / 2)
    expect(source.check).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(lookEveryMs)
    expect(source.check).toHaveBeenCalledTimes(2)
    expect(source.download).not.toHaveBeenCalled()
  })

  it('is fetched and installed only when the person says so, each by itself', async () => {
    const { updates, source, quit, states } = desk()
    updates.restart()
    expect(quit).not.toHaveBeenCalled()
    await updates.check()
    await updates.download()
    expect(states).toEqual(['checking', 'available', 'downloading', 'downloading', 'ready'])
    expect(updates.leave()).toBe(false)
    updates.restart()
    expect(quit).toHaveBeenCalledTimes(1)
    expect(source.install).not.toHaveBeenCalled()
    expect(updates.leave()).toBe(true)
    expect(source.install).toHaveBeenCalledTimes(1)
  })

  it('is not installed by a later quit when the person stayed', async () => {
    const { updates, source } = desk()
    await updates.check()
    await updates.download()
    updates.restart()
    updates.stay()
    expect(updates.leave()).toBe(false)
    expect(source.install).not.toHaveBeenCalled()
    expect(updates.state()).toEqual({ state: 'ready', version: '2.0.0' })
  })

  it('that cannot be found out is a calm sentence, and the last answer stays known', async () => {
    const { updates, source } = desk()
    source.check.mockResolvedValueOnce(undefined)
    await updates.check()
    const { checkedAt } = updates.state() as { checkedAt: number }
    source.check.mockRejectedValueOnce(new Error('net::ERR_INTERNET_DISCONNECTED\n at x'))
    await updates.check()
    expect(updates.state()).toMatchObject({
      state: 'failed',
      checkedAt,
      problem: { consequence: 'This version goes on working.', detail: 'net::ERR_INTERNET_DISCONNECTED' },
    })
  })

  it('that is damaged is said to be thrown away; a download that is cancelled can begin again', async () => {
    const { updates, source } = desk()
    await updates.check()
    source.download.mockRejectedValueOnce(Object.assign(new Error('sha512'), { code: 'ERR_CHECKSUM_MISMATCH' }))
    await updates.download()
    expect(updates.state()).toMatchObject({ state: 'failed', problem: { code: 'content-damaged' } })
    await updates.check()
    source.download.mockImplementationOnce(() => {
      updates.cancel()
      return Promise.reject(new Error('cancelled'))
    })
    await updates.download()
    expect(source.cancel).toHaveBeenCalled()
    expect(updates.state()).toMatchObject({ state: 'available', version: '2.0.0' })
  })

  it('of the channel before is forgotten when another is chosen meanwhile', async () => {
    const { updates, source, chosen } = desk('beta')
    let answer: (version: string) => void = () => {}
    source.check.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)))
    const checking = updates.check()
    chosen.channel = 'stable'
    updates.channelChanged()
    answer('3.0.0-beta.1')
    await checking
    expect(updates.state()).toEqual({ state: 'idle' })
  })
})

it.each([
  ['an AppImage', { isPackaged: true, appImage: '/x.AppImage' }, undefined],
  ['a package of the system', { isPackaged: true, appImage: undefined }, 'package'],
  ['its source', { isPackaged: false, appImage: undefined }, 'source'],
  ['an AppImage without an address', { isPackaged: true, appImage: '/x.AppImage', hasFeed: false }, 'no-feed'],
  ['a disk image', { platform: 'darwin' as const, isPackaged: true, appImage: undefined }, undefined],
])('installed as %s', (_how, of, hindrance) => {
  expect(updateHindrance({ platform: 'linux', hasFeed: true, ...of })).toBe(hindrance)
})
