import { describe, expect, it } from 'vitest'
import { ProblemError } from '../contracts/problem.ts'
import type { Keychain } from './keychain.ts'
import { accountSecrets } from './secrets.ts'
import { sampleAccount } from './testing/samples.ts'

function memoryKeychain(entries = new Map<string, string>()): Keychain {
  return {
    get: (name) => Promise.resolve(entries.get(name)),
    set: async (name, password) => void entries.set(name, password),
    delete: async (name) => void entries.delete(name),
  }
}

const refuse = () =>
  Promise.reject(new ProblemError({ code: 'keychain-unavailable', message: 'no secret service', remedy: 'start one' }))
const noKeychain: Keychain = { get: refuse, set: refuse, delete: refuse }

describe('secrets of accounts', () => {
  it('go into the keychain under the name the store file documents', async () => {
    const entries = new Map<string, string>()
    const secrets = accountSecrets({ keychain: memoryKeychain(entries) })
    expect(await secrets.save('account-1', { secretAccessKey: 's3cret' })).toEqual({ keptIn: 'keychain' })
    expect([...entries]).toEqual([['account:account-1', '{"secretAccessKey":"s3cret"}']])
    expect(await secrets.load(sampleAccount())).toEqual({ secretAccessKey: 's3cret' })
    expect(await secrets.remove('account-1')).toBeUndefined()
    expect(entries.size).toBe(0)
  })

  it('stay in memory where there is no keychain, and that is said', async () => {
    const secrets = accountSecrets({ keychain: noKeychain })
    expect(await secrets.save('account-1', { secretAccessKey: 's3cret' })).toMatchObject({
      keptIn: 'memory',
      problem: { code: 'keychain-unavailable', remedy: 'start one' },
    })
    expect(await secrets.load(sampleAccount())).toEqual({ secretAccessKey: 's3cret' })
    expect(await accountSecrets({ keychain: noKeychain }).probe()).toMatchObject({ code: 'keychain-unavailable' })
  })

  it('a newer one in the keychain replaces the one in memory', async () => {
    let isUp = false
    const real = memoryKeychain()
    const flaky: Keychain = { ...real, set: (name, password) => (isUp ? real.set(name, password) : refuse()) }
    const secrets = accountSecrets({ keychain: flaky })
    await secrets.save('account-1', { secretAccessKey: 'old' })
    isUp = true
    await secrets.save('account-1', { secretAccessKey: 'new' })
    expect(await secrets.load(sampleAccount())).toEqual({ secretAccessKey: 'new' })
  })

  it.each([undefined, 'not json', '{"secretAccessKey":7}'])(
    'an entry of %j asks the person to enter it again',
    async (text) => {
      const secrets = accountSecrets({
        keychain: memoryKeychain(new Map(text === undefined ? [] : [['account:account-1', text]])),
      })
      await expect(secrets.load(sampleAccount())).rejects.toMatchObject({ problem: { code: 'secret-wrong' } })
    },
  )

  it('accounts without static keys never ask the keychain', async () => {
    const secrets = accountSecrets({ keychain: noKeychain })
    expect(await secrets.load(sampleAccount({ credentials: { kind: 'anonymous' } }))).toEqual({})
  })
})
