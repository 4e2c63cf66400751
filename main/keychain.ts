/**
 * The OS keychain; the only importer of keytar. Loaded on first use, because its native part needs libsecret and the
 * window must open without it. Every failure is a `keychain-unavailable` with what to do about it.
 */
import { createRequire } from 'node:module'
import type * as Keytar from 'keytar'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import { keychainService } from './store-file.ts'

export interface Keychain {
  /** Undefined when the keychain has no such entry. */
  get(name: string): Promise<string | undefined>
  set(name: string, password: string): Promise<void>
  delete(name: string): Promise<void>
}

/** Long enough for a person to unlock the keychain, short enough that a dead service is noticed. */
const deadlineMs = 60_000

export function osKeychain(options: { platform: NodeJS.Platform }): Keychain {
  const call = async <T>(use: (keytar: typeof Keytar) => Promise<T>): Promise<T> => {
    try {
      // Not `import()`: Electron before 28 cannot, and no Electron can from inside the package.
      const keytar = createRequire(__filename)('keytar') as typeof Keytar
      return await withDeadline(use(keytar))
    } catch (error) {
      throw new ProblemError(keychainProblem(error, options.platform), { cause: error })
    }
  }
  return {
    get: (name) => call(async (keytar) => (await keytar.getPassword(keychainService, name)) ?? undefined),
    set: (name, password) => call((keytar) => keytar.setPassword(keychainService, name, password)),
    delete: async (name) => {
      await call((keytar) => keytar.deletePassword(keychainService, name))
    },
  }
}

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs / 1000} s`)), deadlineMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function keychainProblem(error: unknown, platform: NodeJS.Platform): Problem {
  return {
    code: 'keychain-unavailable',
    message: t('main.keychain-unusable'),
    consequence: t('main.keychain-unusable.consequence'),
    remedy: platform === 'linux' ? t('main.keychain-unusable.remedy.linux') : t('main.keychain-unusable.remedy'),
    detail: error instanceof Error ? error.message : String(error),
  }
}
