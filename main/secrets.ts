/**
 * Secrets of accounts: in the keychain; where there is none, in a file that a passphrase opens, or in this process's memory
 * until it ends, as the person chose. Never in plain text in a file, the environment, an argument list, a log or the window.
 */
import { secretSchema, type Account, type Secret } from '../contracts/account.ts'
import { problemFrom, ProblemError, type Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import { lockedProblem, type KeyFile } from './key-file.ts'
import type { Keychain } from './keychain.ts'
import { keychainAccount } from './store-file.ts'

/** Where a secret goes when no keychain takes it. */
export type Fallback = 'session' | 'file'

export type Secrets = {
  /** What the worker needs to sign for this account; throws when its secret cannot be had; `keys-locked` passes when the key file is unlocked. */
  load(account: Account): Promise<Secret>
  /** What is kept under this id, if anything can be found out; throws when it cannot. `name` is for a person: whose it is. */
  find(of: { id: string; name: string }): Promise<Secret | undefined>
  /** Throws, and keeps nothing, when no keychain takes it and no other place was chosen. An open key file needs no choice. */
  save(accountId: string, secret: Secret, fallback: Fallback | undefined): Promise<void>
  /** Whether it is wiped everywhere; a failure to is a problem to tell. */
  remove(accountId: string): Promise<Problem | undefined>
  /** Asks the keychain, and remembers why it cannot be used, if so. */
  probe(): Promise<Problem | undefined>
  /** As of the last use. */
  keychainProblem(): Problem | undefined
}

export function accountSecrets(options: {
  keychain: Keychain
  keyFile: Pick<KeyFile, 'state' | 'get' | 'set' | 'delete'>
  /** The keychain could be used and now cannot, or the other way round. */
  changed(): void
}): Secrets {
  const { keychain, keyFile } = options
  const unsaved = new Map<string, Secret>()
  let keychainProblem: Problem | undefined

  const learn = (problem: Problem | undefined): void => {
    const isNews = (problem === undefined) !== (keychainProblem === undefined)
    keychainProblem = problem
    if (isNews) options.changed()
  }
  /** What the keychain answered, or why it did not. */
  const ask = async <T>(use: () => Promise<T>): Promise<{ answer: T } | { problem: Problem }> => {
    try {
      const answer = await use()
      learn(undefined)
      return { answer }
    } catch (error) {
      const problem = problemFrom(error)
      learn(problem)
      return { problem }
    }
  }
  /** Whether it holds a key, and a newer one than the keychain does, cannot be known. */
  const refuseIfLocked = (account: string): void => {
    if (keyFile.state() !== 'locked') return
    const message = t('main.keys-locked-account', { account })
    throw new ProblemError({ ...lockedProblem(), message })
  }
  const forgetElsewhere = (accountId: string): void => {
    unsaved.delete(accountId)
    if (keyFile.state() === 'open') keyFile.delete(keychainAccount(accountId))
  }

  const find = async (of: { id: string; name: string }): Promise<Secret | undefined> => {
    const name = keychainAccount(of.id)
    const kept = unsaved.get(of.id)
    if (kept) return kept
    refuseIfLocked(t('notifications.name', { name: of.name }))
    const text = keyFile.state() === 'open' ? keyFile.get(name) : undefined
    if (text !== undefined) return parse(text)
    const asked = await ask(() => keychain.get(name))
    if ('problem' in asked) throw new ProblemError(asked.problem)
    return asked.answer === undefined ? undefined : parse(asked.answer)
  }

  return {
    find,
    async load(account) {
      if (account.credentials.kind !== 'static') return {}
      const found = await find(account)
      if (found) return found
      throw new ProblemError(secretMissing(account))
    },
    async save(accountId, secret, fallback) {
      refuseIfLocked(t('main.this-account'))
      const name = keychainAccount(accountId)
      const text = JSON.stringify(secret)
      const asked = await ask(() => keychain.set(name, text))
      if ('answer' in asked) {
        forgetElsewhere(accountId)
        return
      }
      if (fallback === 'session') {
        // An older one in the file must not come back at the next start.
        forgetElsewhere(accountId)
        unsaved.set(accountId, secret)
      } else if (fallback === 'file' || keyFile.state() === 'open') {
        keyFile.set(name, text)
        unsaved.delete(accountId)
      } else throw new ProblemError(asked.problem)
    },
    async remove(accountId) {
      const isElsewhere = unsaved.has(accountId)
      const state = keyFile.state()
      const isInFile = state === 'open' && keyFile.get(keychainAccount(accountId)) !== undefined
      forgetElsewhere(accountId)
      const asked = await ask(() => keychain.delete(keychainAccount(accountId)))
      if (state === 'locked') return lockedProblem()
      return 'answer' in asked || isElsewhere || isInFile ? undefined : asked.problem
    },
    async probe() {
      await ask(() => keychain.get('probe'))
      return keychainProblem
    },
    keychainProblem: () => keychainProblem,
  }
}

function parse(text: string): Secret | undefined {
  return secretSchema.safeParse(parseJson(text)).data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function secretMissing(account: Account): Problem {
  return {
    code: 'secret-wrong',
    message: t('main.secret-missing', { name: account.name }),
    remedy: t('main.secret-missing.remedy'),
  }
}
