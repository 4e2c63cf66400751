import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { testApplication } from './testing/application.ts'
import { sampleAccount } from './testing/samples.ts'

const patience = { timeout: 20_000 }

it('a drive at start waits for the passphrase, says so, and goes on when it is given', async () => {
  const first = testApplication()
  first.keychain.set = () => Promise.reject(new Error('no secret service'))
  await first.keys.create('correct horse battery')
  await first.accounts.save({ account: sampleAccount(), secret: { secretAccessKey: 'from the file' }, keepIn: 'file' })
  const { drive } = await first.drives.save({ ...first.newDrive, mountsAtStart: true })

  const { fleet, keys, keyFile, places } = testApplication(first.written.at(-1), first.folder)
  expect(keyFile.state()).toBe('locked')
  fleet.mountAtStart()
  await vi.waitFor(
    () => expect(fleet.state(drive.id)).toMatchObject({ state: 'failed', problem: { code: 'keys-locked' } }),
    patience,
  )
  await expect(keys.unlock('incorrect')).rejects.toMatchObject({ problem: { code: 'passphrase-wrong' } })
  expect(fleet.state(drive.id)).toMatchObject({ state: 'failed', problem: { code: 'keys-locked' } })
  await keys.unlock('correct horse battery')
  await vi.waitFor(() => expect(fleet.state(drive.id)).toEqual({ state: 'mounted' }), patience)
  expect(readFileSync(`${join(places.userDataDirectory, 'drives', drive.id)}.notes`, 'utf8')).toBe(
    'mounted with from the file\n',
  )
  await fleet.unmount(drive.id, { pending: 'leave', isForced: false })
})
