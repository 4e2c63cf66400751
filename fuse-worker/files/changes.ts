/**
 * What the window changes on a drive by itself: new folders, names, deletions. All of it goes through the drive's own operations,
 * as a program's would, so that it is in the journal before it is answered for.
 */
import { join } from 'node:path/posix'
import type { FileOutcome } from '../../contracts/file.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { FsError, type Caller, type KernelOperations } from '../fuse/kernel.ts'
import { fsProblem } from './fs-problem.ts'

export const fileTypeBits = 0o170000
export const folderBits = 0o040000

export class Changes {
  readonly #operations: KernelOperations
  readonly #caller: Caller

  constructor(options: { operations: KernelOperations; caller: Caller }) {
    this.#operations = options.operations
    this.#caller = options.caller
  }

  async makeFolder(path: string, name: string): Promise<string> {
    const made = join(path, plainName(name))
    await inWords(made, async () => this.#operations.mkdir(`/${made}`, 0o755, this.#caller))
    return made
  }

  /** Never onto something that is there; a name that differs only by case or spelling is another name. */
  async rename(path: string, name: string): Promise<string> {
    const renamed = join(path, '..', plainName(name))
    if (renamed === path) return path
    await inWords(renamed, async () => {
      if (await this.#isThere(renamed)) throw new FsError('EEXIST')
      await this.#operations.rename(`/${path}`, `/${renamed}`)
    })
    return renamed
  }

  async delete(paths: readonly string[]): Promise<FileOutcome[]> {
    const outcomes: FileOutcome[] = []
    for (const path of paths) {
      try {
        if (path === '') throw new ProblemError({ code: 'invalid-input', message: t('worker.delete-drive') })
        await this.#remove(`/${path}`)
        outcomes.push({ path, outcome: 'done' })
      } catch (error) {
        outcomes.push({ path, outcome: 'failed', problem: fsProblem(error, path) })
      }
    }
    return outcomes
  }

  async #remove(path: string): Promise<void> {
    const { mode } = await this.#operations.getattr(path)
    if ((mode & fileTypeBits) !== folderBits) {
      await this.#operations.unlink(path)
      return
    }
    for (const name of await this.#operations.readdir(path)) await this.#remove(join(path, name))
    await this.#operations.rmdir(path)
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      await this.#operations.getattr(`/${path}`)
      return true
    } catch (error) {
      if (error instanceof FsError && error.errno === 'ENOENT') return false
      throw error
    }
  }
}

function plainName(name: string): string {
  if (name !== '.' && name !== '..' && !/[/\0]/.test(name)) return name
  throw new ProblemError({
    code: 'invalid-input',
    message: t('worker.name-impossible', { name }),
    remedy: t('worker.name-impossible.remedy'),
  })
}

async function inWords(path: string, change: () => Promise<void>): Promise<void> {
  try {
    await change()
  } catch (error) {
    throw new ProblemError(fsProblem(error, path), { cause: error })
  }
}
