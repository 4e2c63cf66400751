import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { testApplication } from './testing/application.ts'
import { sampleAccount } from './testing/samples.ts'

const patience = { timeout: 10_000, interval: 20 }
const added = { ...sampleAccount(), id: '', name: 'New' }

describe('saving an account', () => {
  it('puts its secret into the keychain and nowhere else', async () => {
    const { accounts, entries, written } = testApplication()
    const view = await accounts.save({ account: added, secret: { secretAccessKey: 'top' } })
    expect(entries.get(`account:${view.account.id}`)).toBe('{"secretAccessKey":"top"}')
    expect(JSON.stringify([view, written])).not.toContain('top')
  })

  it('with static keys needs a secret the first time, not on an edit', async () => {
    const { accounts, entries } = testApplication()
    await expect(accounts.save({ account: added })).rejects.toMatchObject({ problem: { code: 'invalid-input' } })
    await accounts.save({ account: sampleAccount({ name: 'Renamed' }) })
    expect(entries.get('account:account-1')).toContain('s3cret')
  })

  it('away from static keys wipes the keychain', async () => {
    const { accounts, entries } = testApplication()
    await accounts.save({ account: sampleAccount({ credentials: { kind: 'anonymous' } }) })
    expect(entries.size).toBe(0)
  })

  it('reaches the drives that are using it', async () => {
    const { accounts, drives, fleet, newDrive, places } = testApplication()
    const { drive } = await drives.save(newDrive)
    await fleet.mount(drive.id)
    await accounts.save({ account: sampleAccount(), secret: { secretAccessKey: 'rotated' } })
    const notes = readFileSync(`${join(places.userDataDirectory, 'drives', drive.id)}.notes`, 'utf8')
    expect(notes).toBe('mounted with s3cret\ncredentials rotated\n')
  })
})

describe('an account', () => {
  it('is tested by a worker of its own, with the stored secret, and the worker ends', async () => {
    const { accounts, workers } = testApplication()
    const test = await accounts.test({ account: sampleAccount() })
    expect(test.steps).toEqual([{ id: 'signed', outcome: 'passed', summary: 'Work' }])
    await vi.waitFor(() => expect(workers.children[0]?.signalCode).toBe('SIGKILL'), patience)
  })

  it('tells the steps of its test as they happen, and stops when it is told to', async () => {
    const { accounts, steps, workers } = testApplication()
    const testing = accounts.test({ account: sampleAccount(), bucket: 'endless', testId: 'one' })
    await vi.waitFor(() => expect(steps.map(({ step }) => step.outcome)).toEqual(['running', 'passed']), patience)
    accounts.stopTest('another')
    accounts.stopTest('one')
    expect(await testing).toMatchObject({ buckets: ['photos'] })
    expect(steps.every(({ testId }) => testId === 'one')).toBe(true)
    await vi.waitFor(() => expect(workers.children[0]?.signalCode).toBe('SIGKILL'), patience)
  })

  it('that is stopped before its test began is not asked at all', async () => {
    const { accounts, steps } = testApplication()
    const testing = accounts.test({ account: sampleAccount(), testId: 'one' })
    accounts.stopTest('one')
    await expect(testing).rejects.toMatchObject({ problem: { code: 'cancelled' } })
    expect(steps).toEqual([])
  })

  it('with drives cannot be removed; without, its secret goes too', async () => {
    const { accounts, drives, newDrive, entries, store } = testApplication()
    const { drive } = await drives.save(newDrive)
    await expect(accounts.remove('account-1')).rejects.toMatchObject({
      problem: { code: 'drive-in-use', message: expect.stringContaining('Photos') as string },
    })
    await drives.remove(drive.id, false)
    await accounts.remove('account-1')
    expect(store.accounts()).toEqual([])
    expect(entries.size).toBe(0)
  })
})
