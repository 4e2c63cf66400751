import { describe, expect, it } from 'vitest'
import type { KeyFileState } from '../contracts/ipc.ts'
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

function secretsWith(keychain: Keychain, state: KeyFileState = 'absent') {
  const inFile = new Map<string, string>()
  const news: boolean[] = []
  const file = { state }
  const secrets = accountSecrets({
    keychain,
    keyFile: {
      state: () => file.state,
      get: (name) => inFile.get(name),
      set: (name, password) => void inFile.set(name, password),
      delete: (name) => void inFile.delete(name),
    },
    changed: () => news.push(secrets.keychainProblem() === undefined),
  })
  return { secrets, inFile, news, file }
}

const old = { secretAccessKey: 'old' }
const young = { secretAccessKey: 'young' }

describe('secrets of accounts', () => {
  it('go into the keychain under the name the store file documents', async () => {
    const entries = new Map<string, string>()
    const { secrets } = secretsWith(memoryKeychain(entries))
    await secrets.save('account-1', { secretAccessKey: 's3cret' }, undefined)
    expect([...entries]).toEqual([['account:account-1', '{"secretAccessKey":"s3cret"}']])
    expect(await secrets.load(sampleAccount())).toEqual({ secretAccessKey: 's3cret' })
    expect(await secrets.remove('account-1')).toBeUndefined()
    expect(entries.size).toBe(0)
  })

  it('are kept nowhere that was not chosen when there is no keychain', async () => {
    const { secrets, inFile } = secretsWith(noKeychain)
    await expect(secrets.save('account-1', old, undefined)).rejects.toMatchObject({ problem: { remedy: 'start one' } })
    expect(inFile.size).toBe(0)
    await expect(secrets.load(sampleAccount())).rejects.toMatchObject({ problem: { code: 'keychain-unavailable' } })
  })

  it('stay in memory when that was chosen, and only there', async () => {
    const { secrets, inFile } = secretsWith(noKeychain, 'open')
    await secrets.save('account-1', old, 'file')
    await secrets.save('account-1', young, 'session')
    expect(await secrets.load(sampleAccount())).toEqual(young)
    expect(inFile.size).toBe(0)
    expect(await secrets.remove('account-1')).toBeUndefined()
  })

  it('go into an open key file without a further choice', async () => {
    const { secrets, inFile } = secretsWith(noKeychain, 'open')
    await secrets.save('account-1', old, undefined)
    expect([...inFile]).toEqual([['account:account-1', '{"secretAccessKey":"old"}']])
    expect(await secrets.load(sampleAccount())).toEqual(old)
    expect(await secrets.remove('account-1')).toBeUndefined()
    expect(inFile.size).toBe(0)
  })

  it('the keychain, when it is there again, replaces the other places', async () => {
    let isUp = false
    const entries = new Map<string, string>()
    const real = memoryKeychain(entries)
    const flaky: Keychain = { ...real, set: (name, password) => (isUp ? real.set(name, password) : refuse()) }
    for (const place of ['session', 'file'] as const) {
      isUp = false
      const { secrets, inFile, news } = secretsWith(flaky, 'open')
      await secrets.save('account-1', old, place)
      isUp = true
      await secrets.save('account-1', young, place)
      expect(await secrets.load(sampleAccount())).toEqual(young)
      expect([inFile.size, entries.get('account:account-1')]).toEqual([0, '{"secretAccessKey":"young"}'])
      expect(news).toEqual([false, true])
    }
  })

  it('wait for a locked key file: what it holds may be newer than the keychain', async () => {
    const { secrets, file, inFile } = secretsWith(memoryKeychain(new Map([['account:account-1', '{}']])), 'locked')
    const locked = { problem: { code: 'keys-locked' } }
    await expect(secrets.load(sampleAccount())).rejects.toMatchObject(locked)
    await expect(secrets.save('account-1', young, 'session')).rejects.toMatchObject(locked)
    expect(await secrets.remove('account-2')).toMatchObject({ code: 'keys-locked' })
    inFile.set('account:account-1', '{"secretAccessKey":"young"}')
    file.state = 'open'
    expect(await secrets.load(sampleAccount())).toEqual(young)
  })

  it.each([undefined, 'not json', '{"secretAccessKey":7}'])(
    'an entry of %j asks the person to enter it again',
    async (text) => {
      const entries = new Map(text === undefined ? [] : [['account:account-1', text]])
      const { secrets } = secretsWith(memoryKeychain(entries))
      await expect(secrets.load(sampleAccount())).rejects.toMatchObject({ problem: { code: 'secret-wrong' } })
    },
  )

  it('accounts without static keys ask neither the keychain nor the key file', async () => {
    const { secrets } = secretsWith(noKeychain, 'locked')
    expect(await secrets.load(sampleAccount({ credentials: { kind: 'anonymous' } }))).toEqual({})
  })

  it('a keychain that cannot be used is remembered until it can', async () => {
    const { secrets } = secretsWith(noKeychain)
    expect(secrets.keychainProblem()).toBeUndefined()
    expect(await secrets.probe()).toMatchObject({ code: 'keychain-unavailable' })
    expect(secrets.keychainProblem()).toMatchObject({ code: 'keychain-unavailable' })
  })
})
