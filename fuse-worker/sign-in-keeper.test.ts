import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { SignInKeeper } from './sign-in-keeper.ts'
import { ManualClock } from './testing/manual-clock.ts'

const profile = { kind: 'profile', profile: 'work' } as const

function keeperAt(endsAt: number, clock: ManualClock) {
  const homeDirectory = mkdtempSync(join(tmpdir(), 'cloudmount-keeper-'))
  mkdirSync(join(homeDirectory, '.aws'))
  const signIn = (end: number, more = '') =>
    writeFileSync(
      join(homeDirectory, '.aws/credentials'),
      `[work]\naws_session_token = T\naws_expiration = ${new Date(end).toISOString()}\n${more}`,
    )
  signIn(endsAt)
  const [renewed, ended] = [vi.fn(), vi.fn()]
  const keeper = new SignInKeeper({ clock, places: { homeDirectory, environment: {} }, renewed, ended })
  onTestFinished(() => {
    keeper.stop()
    rmSync(homeDirectory, { recursive: true })
  })
  return { keeper, signIn, renewed, ended }
}

it('knows when the sign-in ends, has that looked at then, and not before', async () => {
  const clock = new ManualClock()
  const endsAt = clock.now() + 100_000
  const { keeper, ended } = keeperAt(endsAt, clock)
  keeper.use(profile, {})
  await vi.waitFor(() => expect(keeper.current).toEqual({ endsAt }))
  await clock.advance(99_999)
  expect(ended).not.toHaveBeenCalled()
  await clock.advance(1)
  expect(ended).toHaveBeenCalledOnce()
  await clock.advance(1_000_000)
  expect(ended).toHaveBeenCalledOnce()
})

it('tells of a new sign-in, and knows its end', async () => {
  const clock = new ManualClock()
  const { keeper, signIn, renewed } = keeperAt(clock.now() + 100_000, clock)
  keeper.use(profile, {})
  await vi.waitFor(() => expect(keeper.current?.endsAt).toBe(clock.now() + 100_000))
  const next = clock.now() + 3_600_000
  signIn(next, '# renewed\n')
  await vi.waitFor(async () => {
    await clock.advance(5_000)
    expect(renewed).toHaveBeenCalled()
  })
  await vi.waitFor(() => expect(keeper.current).toEqual({ endsAt: next }))
})

it('does not look at files for keys that a person entered', async () => {
  const clock = new ManualClock()
  const { keeper, signIn, renewed } = keeperAt(clock.now() + 1_000, clock)
  keeper.use({ kind: 'static', accessKeyId: 'A' }, { secretAccessKey: 's', sessionToken: 'T' })
  await vi.waitFor(() => expect(keeper.current).toEqual({}))
  signIn(clock.now() + 5_000)
  await clock.advance(60_000)
  expect(renewed).not.toHaveBeenCalled()
})
