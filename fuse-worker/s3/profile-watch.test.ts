import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { watchProfiles } from './profile-watch.ts'

it('a new sign-in is noticed, wherever the tools write it; nothing else is', async () => {
  const homeDirectory = mkdtempSync(join(tmpdir(), 'cloudmount-watch-'))
  const changed = vi.fn()
  const looks = vi.fn()
  const environment = new Proxy({}, { get: () => void looks() })
  const watch = watchProfiles({ places: { homeDirectory, environment }, clock: systemClock, changed, everyMs: 5 })
  onTestFinished(() => {
    watch.stop()
    rmSync(homeDirectory, { recursive: true })
  })
  const looksTwice = async () => {
    const before = looks.mock.calls.length
    await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(before + 6))
  }
  await looksTwice()
  expect(changed).toHaveBeenCalledTimes(0)

  mkdirSync(join(homeDirectory, '.aws/sso/cache'), { recursive: true })
  writeFileSync(join(homeDirectory, '.aws/credentials'), '[a]\n')
  await vi.waitFor(() => expect(changed).toHaveBeenCalled())
  await looksTwice()
  changed.mockClear()
  writeFileSync(join(homeDirectory, '.aws/sso/cache/0a.tmp'), '')
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1))
  await looksTwice()
  expect(changed).toHaveBeenCalledTimes(1)
  changed.mockClear()
  renameSync(join(homeDirectory, '.aws/sso/cache/0a.tmp'), join(homeDirectory, '.aws/sso/cache/0a.json'))
  await vi.waitFor(() => expect(changed).toHaveBeenCalled())
})
