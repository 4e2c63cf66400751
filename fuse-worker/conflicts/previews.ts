/**
 * Copies of single sides for programs to look at: files that nobody may write to, in a folder each below `previews/`, under the name
 * the file has on the drive. They go when their conflict ends, and at every start.
 */
import { constants, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { chmod, copyFile, open, rename, stat, utimes, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Preview } from '../../contracts/conflict.ts'

export type PreviewOf = {
  /** Whose it is: it goes with that. */
  owner: string
  /** Another one for other bytes. */
  version: string
  name: string
  modifiedAt: number
}

export class Previews {
  readonly #directory: string
  readonly #making = new Map<string, Promise<Preview>>()

  constructor(directory: string) {
    this.#directory = directory
    rmSync(directory, { recursive: true, force: true })
  }

  make(asked: PreviewOf, write: (file: FileHandle) => Promise<unknown>): Promise<Preview> {
    return this.#shared(asked, async (path) => {
      const file = await open(path, 'wx', 0o600)
      try {
        await write(file)
      } finally {
        await file.close()
      }
    })
  }

  /** Of a file of this computer; where the disk can share the bytes, it does. */
  copy(asked: PreviewOf, source: string): Promise<Preview> {
    return this.#shared(asked, (path) => copyFile(source, path, constants.COPYFILE_FICLONE))
  }

  /** All of this owner. */
  drop(owner: string): void {
    rmSync(join(this.#directory, owner), { recursive: true, force: true })
  }

  /** All whose owner is not among these. */
  keepOnly(owners: ReadonlySet<string>): void {
    if (!existsSync(this.#directory)) return
    for (const owner of readdirSync(this.#directory)) if (!owners.has(owner)) this.drop(owner)
  }

  clear(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #shared(asked: PreviewOf, write: (path: string) => Promise<unknown>): Promise<Preview> {
    const directory = join(this.#directory, asked.owner, asked.version.replaceAll(/[^\w.-]/g, '_'))
    const known = this.#making.get(directory)
    if (known !== undefined) return known
    const made = this.#make(directory, asked, write).finally(() => this.#making.delete(directory))
    this.#making.set(directory, made)
    return made
  }

  async #make(directory: string, asked: PreviewOf, write: (path: string) => Promise<unknown>): Promise<Preview> {
    const path = join(directory, asked.name)
    if (!existsSync(path)) {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      const making = join(directory, '.part')
      rmSync(making, { force: true })
      try {
        await write(making)
        await utimes(making, asked.modifiedAt / 1000, asked.modifiedAt / 1000)
        await chmod(making, 0o400)
        await rename(making, path)
      } catch (error) {
        rmSync(directory, { recursive: true, force: true })
        throw error
      }
    }
    return { path, sizeBytes: (await stat(path)).size }
  }
}
