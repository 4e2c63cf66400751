/**
 * Random work on a folder with a record of what was acknowledged: a call that returned is promised, and of the one that failed
 * because its drive died either the state before or the one after it may be found.
 */
import { mkdir, open, readFile, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import type { Random } from '../random.ts'

/** Content by path, below the folder; a folder has none. */
type Files = Map<string, Buffer | 'folder'>

const mebibyte = 1024 * 1024
const folders = ['', 'a/', 'b/', 'a/c/'] as const

export class AcknowledgedWork {
  readonly #folder: string
  readonly #random: Random
  readonly #promised: Files = new Map()
  /** What the call that is under way, or that failed, would have made of it. */
  #attempted: Files | undefined
  calls = 0
  /** From the moment before the kill: what is answered from here on may have been done by nobody, or by the folder below the mount. */
  isDying = false

  constructor(folder: string, random: Random) {
    this.#folder = folder
    this.#random = random
  }

  get promised(): ReadonlyMap<string, Buffer | 'folder'> {
    return this.#promised
  }

  /** One call; false when the drive went away in it. */
  async step(): Promise<boolean> {
    const after = new Map(this.#promised)
    const call = this.#choose(after)
    this.#attempted = after
    try {
      await call()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (!this.isDying && !['ENOTCONN', 'ECONNABORTED', 'EIO', 'ENODEV'].includes(code ?? '')) throw error
      return false
    }
    if (this.isDying) return false
    this.#commit(after)
    this.calls++
    return true
  }

  /** Everything promised is there with its bytes, and nothing else; the interrupted call is settled one way or the other. */
  async verify(onDrive: <T>(look: () => Promise<T>) => Promise<T>): Promise<void> {
    const found = await onDrive(() => readTree(this.#folder))
    const before = differenceOf(found, this.#promised)
    if (before !== undefined && this.#attempted !== undefined) {
      const after = differenceOf(found, this.#attempted, this.#promised)
      expect(after, `not the state before the last call: ${before}; nor the one after`).toBeUndefined()
    } else expect(before).toBeUndefined()
    this.#commit(found)
  }

  #commit(files: Files): void {
    this.#promised.clear()
    for (const [path, content] of files) this.#promised.set(path, content)
    this.#attempted = undefined
  }

  #choose(after: Files): () => Promise<void> {
    const files = [...after].filter(([, content]) => content !== 'folder').map(([path]) => path)
    const known = this.#random.maybePick(files)
    const dice = this.#random.next()
    if (known !== undefined && dice < 0.2) return this.#rename(after, known, this.#newPath(after))
    if (known !== undefined && dice < 0.35) {
      after.delete(known)
      return () => unlink(join(this.#folder, known))
    }
    if (known !== undefined && dice < 0.45) return this.#write(after, known, false)
    if (known !== undefined && dice < 0.6) return this.#save(after, known)
    return this.#write(after, this.#newPath(after), true)
  }

  #newPath(after: Files): string {
    const folder = this.#random.pick(folders.filter((one) => one === '' || after.has(one.slice(0, -1))))
    return `${folder}f${this.#random.below(40)}`
  }

  #bytes(): Buffer {
    const size = this.#random.chance(0.03) ? 9 * mebibyte : this.#random.below(40_000)
    return Buffer.alloc(size, this.#random.bytes(997))
  }

  #rename(after: Files, from: string, to: string): () => Promise<void> {
    const content = after.get(from)
    if (content === undefined || after.get(to) === 'folder') return () => Promise.resolve()
    after.delete(from)
    after.set(to, content)
    return () => rename(join(this.#folder, from), join(this.#folder, to))
  }

  #write(after: Files, path: string, mayMakeFolder: boolean): () => Promise<void> {
    const missing = folders.find((one) => one !== '' && !after.has(one.slice(0, -1)))
    const parent = missing === undefined ? '' : dirname(missing.slice(0, -1))
    if (mayMakeFolder && missing !== undefined && (parent === '.' || after.has(parent)) && this.#random.chance(0.3)) {
      after.set(missing.slice(0, -1), 'folder')
      return () => mkdir(join(this.#folder, missing.slice(0, -1)))
    }
    const content = this.#bytes()
    after.set(path, content)
    return () => writeAndClose(join(this.#folder, path), content, this.#random.chance(0.3))
  }

  /** Two files at most differ while it is under way: the temporary one may be left, as on any disk. */
  #save(after: Files, path: string): () => Promise<void> {
    const content = this.#bytes()
    after.set(path, content)
    const temporary = join(this.#folder, `.~lock.save-${path.replaceAll('/', '-')}`)
    return async () => {
      await writeAndClose(temporary, content, true)
      await rename(temporary, join(this.#folder, path))
    }
  }
}

async function writeAndClose(path: string, content: Buffer, isSynced: boolean): Promise<void> {
  const file: FileHandle = await open(path, 'w')
  try {
    for (let at = 0; at < content.length;)
      at += (await file.write(content, at, Math.min(65_536, content.length - at))).bytesWritten
    if (isSynced) await file.sync()
  } finally {
    await file.close()
  }
}

/** Names for this machine only, and what a probe tries things on, are left out: nobody was promised anything about them. */
async function readTree(folder: string, below = ''): Promise<Files> {
  const files: Files = new Map()
  for (const name of await readdir(join(folder, below))) {
    if (name.startsWith('.~lock.') || name.startsWith('.cloudmount-probe-')) continue
    const path = below + name
    if ((await stat(join(folder, path))).isDirectory()) {
      files.set(path, 'folder')
      for (const [inner, content] of await readTree(folder, `${path}/`)) files.set(inner, content)
    } else files.set(path, await readFile(join(folder, path)))
  }
  return files
}

/** A file that the call was about to write may have any part of it; `before` tells which files those are. */
function differenceOf(found: Files, wanted: Files, before?: Files): string | undefined {
  for (const path of new Set([...found.keys(), ...wanted.keys()])) {
    const [is, should] = [found.get(path), wanted.get(path)]
    if (is === undefined || should === undefined) {
      if (is === undefined && before !== undefined && !before.has(path)) continue
      return `${path} is ${is === undefined ? 'missing' : 'too many'}`
    }
    if (is === 'folder' || should === 'folder') {
      if (is !== should) return `${path} is of another kind`
      continue
    }
    const mayBePartial = before !== undefined && before.get(path) !== should
    if (!is.equals(should) && !mayBePartial) return `${path} has other bytes (${is.length} instead of ${should.length})`
  }
  return undefined
}
