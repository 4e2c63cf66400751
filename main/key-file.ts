/**
 * Keys in a file with a passphrase, for a machine without a keychain. Must hold: the file is replaced whole or not at all,
 * readable by its owner alone; what cannot be read is set aside, never deleted; the passphrase is kept nowhere, what it was
 * made into only in this process.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { KeyFileState } from '../contracts/ipc.ts'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import {
  decrypt,
  deriveKey,
  encrypt,
  opens,
  parseKeyFile,
  type DerivedKey,
  type Entries,
  type KeyFileContent,
} from './key-file-format.ts'

export type KeyFile = {
  state(): KeyFileState
  /** Refused where there is one already. */
  create: (passphrase: string) => Promise<void>
  /** Throws `passphrase-wrong`; or `keys-damaged`, and then the file was set aside. */
  unlock: (passphrase: string) => Promise<void>
  changePassphrase: (passphrase: string, next: string) => Promise<void>
  /** Deletes the file and all keys in it. */
  forget: () => void
  /** These three throw `keys-locked` unless it is open. */
  get(name: string): string | undefined
  set(name: string, password: string): void
  delete(name: string): void
}

export type KeyFileOptions = {
  path: string
  nowMs(): number
  /** Told when the file that was there is no whole key file: it was set aside. */
  damaged(problem: Problem): void
}

type Held = { state: 'absent' } | { state: 'locked' } | { state: 'open'; key: DerivedKey; entries: Entries }

export function openKeyFile(options: KeyFileOptions): KeyFile {
  const { path } = options
  let held = { state: 'absent' } as Held

  const setAside = (): Problem => {
    const asidePath = freeName(path, options.nowMs())
    renameSync(path, asidePath)
    held = { state: 'absent' }
    return damagedProblem(asidePath)
  }
  const read = (): KeyFileContent => {
    const content = parseKeyFile(readFileSync(path, 'utf8'))
    if (!content) throw new ProblemError(setAside())
    return content
  }
  /** The key that opens the file as it is on disk now, and what is in it. */
  const opened = async (passphrase: string): Promise<{ key: DerivedKey; entries: Entries }> => {
    const content = read()
    const key = await deriveKey(passphrase, content.kdf)
    if (!opens(key, content)) throw new ProblemError(wrongPassphrase())
    const entries = decrypt(key, content)
    if (!entries) throw new ProblemError(setAside())
    return { key, entries }
  }
  const open = (): Held & { state: 'open' } => {
    if (held.state === 'open') return held
    throw new ProblemError(lockedProblem())
  }
  const keep = (key: DerivedKey, entries: Entries): void => {
    replaceFile(path, encrypt(key, entries))
    held = { state: 'open', key, entries }
  }

  // What a process that died while writing left behind.
  rmSync(temporaryName(path), { force: true })
  if (existsSync(path)) {
    held = { state: 'locked' }
    const text = readIfAllowed(path)
    if (text !== undefined && !parseKeyFile(text)) options.damaged(setAside())
  }

  return {
    state: () => held.state,
    async create(passphrase) {
      if (held.state !== 'absent') throw new ProblemError(existsAlready())
      const key = await deriveKey(passphrase)
      if (existsSync(path)) throw new ProblemError(existsAlready())
      keep(key, new Map())
    },
    async unlock(passphrase) {
      if (held.state === 'absent') throw new ProblemError(absentProblem())
      const { key, entries } = await opened(passphrase)
      // It may have been forgotten, or unlocked by another request, meanwhile.
      if (held.state === 'locked') held = { state: 'open', key, entries }
    },
    async changePassphrase(passphrase, next) {
      await opened(passphrase)
      const key = await deriveKey(next)
      // Read anew: an account may have been saved while the key was made.
      keep(key, open().entries)
    },
    forget() {
      rmSync(path, { force: true })
      held = { state: 'absent' }
    },
    get: (name) => open().entries.get(name),
    set(name, password) {
      const { key, entries } = open()
      keep(key, new Map([...entries, [name, password]]))
    },
    delete(name) {
      const { key, entries } = open()
      if (entries.has(name)) keep(key, new Map([...entries].filter(([other]) => other !== name)))
    },
  }
}

function temporaryName(path: string): string {
  return `${path}.new`
}

/** On disk under its name, or not there at all: the folder is flushed too, or a power cut could take the rename back. */
function replaceFile(path: string, text: string): void {
  const temporary = temporaryName(path)
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  chmodSync(temporary, 0o600)
  renameSync(temporary, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** Where it may not be read now, unlocking says why. */
function readIfAllowed(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function freeName(path: string, nowMs: number): string {
  const base = path.replace(/\.json$/, '')
  for (let n = 0; ; n++) {
    const candidate = `${base}.damaged-${nowMs + n}.json`
    if (!existsSync(candidate)) return candidate
  }
}

export function lockedProblem(): Problem {
  return {
    code: 'keys-locked',
    message: t('main.keys-locked'),
    consequence: t('main.keys-locked.consequence'),
    remedy: t('main.keys-locked.remedy'),
  }
}

function wrongPassphrase(): Problem {
  return {
    code: 'passphrase-wrong',
    message: t('main.passphrase-wrong'),
    consequence: t('main.passphrase-wrong.consequence'),
    remedy: t('main.passphrase-wrong.remedy'),
  }
}

const absentProblem = (): Problem => ({ code: 'not-found', message: t('main.keys-gone') })

function existsAlready(): Problem {
  return {
    code: 'already-exists',
    message: t('main.keys-there'),
    remedy: t('main.keys-there.remedy'),
  }
}

function damagedProblem(asidePath: string): Problem {
  return {
    code: 'keys-damaged',
    message: t('main.keys-damaged'),
    consequence: t('main.keys-damaged.consequence', { asidePath }),
    remedy: t('main.keys-damaged.remedy'),
  }
}
