/**
 * Secrets of accounts: in the keychain, or, where there is none, in this process's memory until it ends. Never in a
 * file, the environment, an argument list, a log or the window.
 */
import { secretSchema, type Account, type Secret } from '../contracts/account.ts'
import { problemFrom, ProblemError, type Problem } from '../contracts/problem.ts'
import type { Keychain } from './keychain.ts'
import { keychainAccount } from './store-file.ts'

export type Secrets = {
  /** What the worker needs to sign for this account; throws when its secret cannot be had. */
  load(account: Account): Promise<Secret>
  /** `memory` when no keychain could take it: it is then forgotten when the application quits. */
  save(accountId: string, secret: Secret): Promise<{ keptIn: 'keychain' } | { keptIn: 'memory'; problem: Problem }>
  /** Whether the keychain entry is gone; a failure to remove it is a problem to tell. */
  remove(accountId: string): Promise<Problem | undefined>
  /** Why the keychain cannot be used, if so. */
  probe(): Promise<Problem | undefined>
}

export function accountSecrets(options: { keychain: Keychain }): Secrets {
  const { keychain } = options
  const unsaved = new Map<string, Secret>()
  return {
    async load(account) {
      if (account.credentials.kind !== 'static') return {}
      const kept = unsaved.get(account.id)
      if (kept) return kept
      const text = await keychain.get(keychainAccount(account.id))
      const secret = text === undefined ? undefined : parse(text)
      if (!secret) throw new ProblemError(secretMissing(account))
      return secret
    },
    async save(accountId, secret) {
      try {
        await keychain.set(keychainAccount(accountId), JSON.stringify(secret))
        unsaved.delete(accountId)
        return { keptIn: 'keychain' }
      } catch (error) {
        unsaved.set(accountId, secret)
        return { keptIn: 'memory', problem: problemFrom(error) }
      }
    },
    async remove(accountId) {
      const wasUnsaved = unsaved.delete(accountId)
      try {
        await keychain.delete(keychainAccount(accountId))
        return undefined
      } catch (error) {
        return wasUnsaved ? undefined : problemFrom(error)
      }
    },
    async probe() {
      try {
        await keychain.get('probe')
        return undefined
      } catch (error) {
        return problemFrom(error)
      }
    },
  }
}

function parse(text: string): Secret | undefined {
  try {
    return secretSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function secretMissing(account: Account): Problem {
  return {
    code: 'secret-wrong',
    message: `The keychain holds no secret key for the account ${account.name}.`,
    remedy: 'Edit the account and enter the secret key again.',
  }
}
