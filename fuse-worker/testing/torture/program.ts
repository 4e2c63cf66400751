/**
 * A program that works on the drive. What it replaces, renames over or deletes it has just read, and keeps open for writing until it is
 * done, so that nothing it has not seen can have come in between. Whatever fails in the middle was not acknowledged.
 */
import { mkdir, open, rename, stat, unlink, utimes, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { Ledger } from './ledger.ts'

/** What programs are told when the network, the drive, or a version that was replaced is gone. */
const expected = ['ENOENT', 'EEXIST', 'ENOTCONN', 'ECONNABORTED', 'ENODEV', 'EIO', 'ENETDOWN', 'ETIMEDOUT']
/** ESTALE, which Node.js has no name for. */
const staleErrno = -116
/** Opened so, a name that is free is taken: what the other client writes under it meanwhile is another version, and not seen. */
const takingTheName = 'a+'
const longestPauseMs = 2_500

export class Program {
  readonly #folder: string
  readonly #ledger: Ledger
  readonly #random: Random
  #moved = 0
  /** What it is working on, or was last. */
  key: string | undefined

  constructor(options: { folder: string; ledger: Ledger; random: Random }) {
    this.#folder = options.folder
    this.#ledger = options.ledger
    this.#random = options.random
  }

  /** `keys` are those that both clients choose from. */
  async step(keys: string[], body: Buffer): Promise<void> {
    const key = this.#random.pick(keys)
    this.key = key
    const weights = { write: 8, patch: 4, save: 5, delete: 3, rename: 2, renameAway: 1, touch: 1, folder: 1 }
    const act = this.#random.weighted(weights)
    try {
      await mkdir(dirname(this.#at(key)), { recursive: true })
      if (act === 'write') await this.#write(key, body)
      else if (act === 'patch') await this.#patch(key)
      else if (act === 'save') await this.#save(key, body)
      else if (act === 'delete') await this.#delete(key)
      else if (act === 'rename') await this.#rename(key, this.#random.pick(keys))
      else if (act === 'renameAway') await this.#renameAway(key, keys)
      else if (act === 'touch') await utimes(this.#at(key), new Date(), new Date())
      else await this.#renameFolder(dirname(key), dirname(this.#random.pick(keys)))
    } catch (error) {
      const { code, errno } = error as NodeJS.ErrnoException
      this.#ledger.tell(`${act} of ${key} failed: ${code}`)
      if (!expected.includes(code ?? '') && errno !== staleErrno) throw error
    }
  }

  /** From beginning to end, in place, now and then with a pause in which anything may happen. */
  async #write(key: string, body: Buffer): Promise<void> {
    await this.#opened(key, 'a+', async (file) => {
      const seen = this.#ledger.markOf(await readAll(file))
      await this.#mayPause()
      const { mark, content } = this.#ledger.begin('here', key, body)
      this.#ledger.giveUp(seen, `replaced here with ${mark.trim()}`)
      await file.truncate(0)
      // Opened to append, which after the cut is the beginning.
      await file.write(content)
      await this.#mayPause()
      return mark
    })
  }

  /** Only the mark; the rest may never have been on this computer. */
  async #patch(key: string): Promise<void> {
    await this.#opened(key, 'r+', async (file) => {
      const head = Buffer.alloc(64)
      const { bytesRead } = await file.read(head, 0, head.length, 0)
      const seen = this.#ledger.markOf(head.subarray(0, bytesRead))
      const body = seen === undefined ? undefined : this.#ledger.bodyOf(seen)
      if (seen === undefined || body === undefined || (await file.stat()).size !== body.length + seen.length)
        return undefined
      const { mark } = this.#ledger.begin('here', key, body)
      this.#ledger.giveUp(seen, `changed here to ${mark.trim()}`)
      await file.write(Buffer.from(mark), 0, mark.length, 0)
      return mark
    })
  }

  /** As editors do: a new file beside it, and that over it. */
  async #save(key: string, body: Buffer): Promise<void> {
    const { mark, content } = this.#ledger.begin('here', key, body)
    const temporary = this.#at(join(dirname(key), `.save-${mark.slice(1, -2).trim()}`))
    const file = await open(temporary, 'wx')
    try {
      await file.write(content)
    } finally {
      await file.close()
    }
    await this.#holding(key, takingTheName, async (seen) => {
      this.#ledger.giveUp(seen, `saved over here with ${mark.trim()}`)
      await rename(temporary, this.#at(key))
    })
    this.#ledger.acknowledge(mark)
  }

  async #delete(key: string): Promise<void> {
    await this.#holding(key, 'r+', async (seen) => {
      this.#ledger.giveUp(seen, 'deleted here')
      await unlink(this.#at(key))
    })
  }

  async #rename(from: string, to: string): Promise<void> {
    if (from === to) return
    await stat(this.#at(from))
    await mkdir(dirname(this.#at(to)), { recursive: true })
    await this.#holding(to, takingTheName, async (seen) => {
      this.#ledger.giveUp(seen, `renamed over here by ${from}`)
      await rename(this.#at(from), this.#at(to))
    })
    this.#ledger.tell(`renamed ${from} to ${to}`)
  }

  /** To a name that nobody else has in mind, until now. */
  async #renameAway(from: string, keys: string[]): Promise<void> {
    const to = join(dirname(this.#random.pick(keys)), `moved-${++this.#moved}.txt`)
    await mkdir(dirname(this.#at(to)), { recursive: true })
    await rename(this.#at(from), this.#at(to))
    keys.push(to)
    this.#ledger.tell(`renamed ${from} to ${to}`)
  }

  async #renameFolder(from: string, to: string): Promise<void> {
    const target = this.#at(to)
    const isThere = await stat(target).then(
      () => true,
      () => false,
    )
    if (isThere) return
    await rename(this.#at(from), target)
    this.#ledger.tell(`renamed folder ${from} to ${to}`)
  }

  /** `work` answers the mark of what it wrote; it is acknowledged once the file is closed. */
  async #opened(key: string, flags: string, work: (file: FileHandle) => Promise<string | undefined>): Promise<void> {
    const file = await open(this.#at(key), flags)
    let mark: string | undefined
    try {
      mark = await work(file)
    } finally {
      await file.close()
    }
    if (mark !== undefined) this.#ledger.acknowledge(mark)
  }

  /** With the file of this name held as it is now. */
  async #holding(key: string, flags: string, work: (seen: string | undefined) => Promise<void>): Promise<void> {
    const file = await open(this.#at(key), flags)
    try {
      const head = Buffer.alloc(64)
      const { bytesRead } = await file.read(head, 0, head.length, 0)
      await work(this.#ledger.markOf(head.subarray(0, bytesRead)))
    } finally {
      await file.close()
    }
  }

  #at(key: string): string {
    return join(this.#folder, key)
  }

  async #mayPause(): Promise<void> {
    if (this.#random.chance(0.15)) await wait(this.#random.below(longestPauseMs))
  }
}

async function readAll(file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc((await file.stat()).size)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
  return bytes.subarray(0, bytesRead)
}
