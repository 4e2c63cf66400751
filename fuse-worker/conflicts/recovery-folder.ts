/**
 * What choices discarded, kept for 30 days. A folder for each version, which is the only record of it: `content`, and `about.json`
 * that says what it is; so it outlives a lost database. Must hold: a version has its final name only once all of it is on
 * the disk, so that whoever was told it is kept can throw the other copy away; what cannot be explained is kept.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { recoveredFileSchema, type RecoveredFile } from '../../contracts/conflict.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { syncDirectory } from '../runtime/sync-directory.ts'

export const keptMs = 30 * 24 * 3600_000
const lookAgainMs = 24 * 3600_000
/** The same version saved again soon is the same attempt, made once more after a crash. */
const sameAttemptMs = 3600_000
const unfinished = '.part'

const aboutSchema = recoveredFileSchema
  .omit({ id: true, sizeBytes: true, keptUntil: true })
  .extend({ version: z.string() })

/** `version` names the very bytes, so that they are not saved twice. */
export type Discarded = Omit<z.infer<typeof aboutSchema>, 'discardedAt' | 'isIncomplete'>

export type Kept = { id: string; isNew: boolean }

export class RecoveryFolder {
  readonly #directory: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #files = new Map<string, RecoveredFile & { version: string }>()
  #cancelLook: (() => void) | undefined

  constructor(options: { directory: string; clock: Clock; log: Log }) {
    this.#directory = options.directory
    this.#clock = options.clock
    this.#log = options.log
    this.#load()
  }

  /** What is over its time goes now, and once a day from now on. */
  start(): void {
    const nowMs = this.#clock.now()
    this.remove([...this.#files.values()].filter(({ keptUntil }) => keptUntil <= nowMs).map(({ id }) => id))
    this.#cancelLook = this.#clock.after(lookAgainMs, () => this.start())
  }

  stop(): void {
    this.#cancelLook?.()
  }

  /** Newest first. */
  list(): RecoveredFile[] {
    const files = [...this.#files.values()].map(({ version: _version, ...file }) => file)
    return files.sort((one, other) => other.discardedAt - one.discardedAt || (other.id > one.id ? 1 : -1))
  }

  /** Throws ProblemError `not-found`. */
  get(id: string): RecoveredFile & { contentPath: string } {
    const file = this.#files.get(id)
    if (file !== undefined) return { ...file, contentPath: join(this.#directory, id, 'content') }
    throw new ProblemError({ code: 'not-found', message: t('worker.recovered-gone') })
  }

  /** Whole and on the disk when this resolves. `write` says whether bytes were lacking; when it throws, nothing is kept. */
  async keep(discarded: Discarded, write: (file: FileHandle) => Promise<{ isIncomplete: boolean }>): Promise<Kept> {
    const nowMs = this.#clock.now()
    const known = [...this.#files.values()].find(
      ({ version, side, discardedAt }) =>
        version === discarded.version && side === discarded.side && nowMs - discardedAt < sameAttemptMs,
    )
    if (known !== undefined) return { id: known.id, isNew: false }
    const id = `${nowMs}-${randomBytes(6).toString('hex')}`
    const making = join(this.#directory, id + unfinished)
    mkdirSync(making, { recursive: true, mode: 0o700 })
    try {
      const { isIncomplete } = await writeSynced(join(making, 'content'), write)
      const about = { ...discarded, discardedAt: nowMs, ...(isIncomplete ? { isIncomplete } : {}) }
      await writeSynced(join(making, 'about.json'), (file) => file.writeFile(JSON.stringify(about)))
      syncDirectory(making)
      renameSync(making, join(this.#directory, id))
      syncDirectory(this.#directory)
    } catch (error) {
      rmSync(making, { recursive: true, force: true })
      throw error
    }
    this.#read(id)
    return { id, isNew: true }
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      if (!this.#files.delete(id)) continue
      // Under another name first: a death half-way must not leave something that looks whole.
      const going = join(this.#directory, id + unfinished)
      try {
        renameSync(join(this.#directory, id), going)
        rmSync(going, { recursive: true, force: true })
      } catch (error) {
        this.#log.error('a recovered file could not be removed', error, { id })
      }
    }
  }

  #load(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(this.#directory)) {
      if (!name.endsWith(unfinished)) this.#read(name)
      // Nobody was told that it is kept: the version it was made from is still where it was.
      else rmSync(join(this.#directory, name), { recursive: true, force: true })
    }
  }

  #read(id: string): void {
    const content = join(this.#directory, id, 'content')
    if (!existsSync(content)) {
      this.#log.warn('a recovered file is gone from the disk', { id })
      return
    }
    const { size, mtimeMs } = statSync(content)
    const about = this.#aboutOf(id) ?? {
      // Damaged words are no reason to drop the bytes.
      ...{ path: id, side: 'mine' as const, version: id, modifiedAt: mtimeMs, discardedAt: this.#clock.now() },
    }
    this.#files.set(id, { id, ...about, sizeBytes: size, keptUntil: about.discardedAt + keptMs })
  }

  #aboutOf(id: string): z.infer<typeof aboutSchema> | undefined {
    try {
      return aboutSchema.parse(JSON.parse(readFileSync(join(this.#directory, id, 'about.json'), 'utf8')))
    } catch (error) {
      this.#log.error('what a recovered file is cannot be read', error, { id })
      return undefined
    }
  }
}

async function writeSynced<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'wx', 0o600)
  try {
    const result = await write(file)
    await file.sync()
    return result
  } finally {
    await file.close()
  }
}
