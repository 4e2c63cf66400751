import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { watchProfiles } from './profile-watch.ts'
import { tempFolder } from './testing/temp-folder.ts'

it('a new sign-in is noticed, wherever the tools write it; nothing else is', async () => {
  const homeDirectory = tempFolder()
  const changed = vi.fn()
  const looks = vi.fn()
  const environment = new Proxy({}, { get: () => void looks() })
  const watch = watchProfiles({ homeDirectory, environment, changed, everyMs: 5 })
  onTestFinished(() => watch.stop())
  const looksTwice = async () => {
    const before = looks.mock.calls.length
    await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(before + 5))
  }
  await looksTwice()
  expect(changed).toHaveBeenCalledTimes(0)

  mkdirSync(join(homeDirectory, '.aws/sso/cache'), { recursive: true })
  writeFileSync(join(homeDirectory, '.aws/credentials'), '[a]\n')
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1))
  writeFileSync(join(homeDirectory, '.aws/sso/cache/0a.tmp'), '{}')
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2))
  await looksTwice()
  expect(changed).toHaveBeenCalledTimes(2)
  renameSync(join(homeDirectory, '.aws/sso/cache/0a.tmp'), join(homeDirectory, '.aws/sso/cache/0a.json'))
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(3))
})
