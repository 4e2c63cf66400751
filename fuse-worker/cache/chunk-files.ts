/**
 * The files that hold content: one sparse file per chunk, named by content and chunk number, with a bounded number of
 * them open. Knows bytes and nothing of what they mean. Synchronous on purpose: a read or write served from the cache
 * takes microseconds from the page cache, and nothing can interleave with it.
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
} from 'node:fs'
import { statSync, unlinkSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncDirectory } from '../runtime/sync-directory.ts'

const maxOpenFiles = 512
const fanOut = 256

export type ChunkAddress = { content: number; chunk: number }

export class ChunkFiles {
  readonly #directory: string
  /** In the order of opening: the first is the one to close. */
  readonly #open = new Map<string, number>()
  /** By descriptor: being synced by so many. */
  readonly #busy = new Map<number, number>()
  /** To be closed once nobody syncs it any more: its file was removed meanwhile, and another may come under the same name. */
  readonly #doomed = new Set<number>()
  /** Folders that may hold names that are not on the platter yet. */
  readonly #unsyncedFolders = new Set<string>()
  /** The latest sync of a folder, under way or done. */
  readonly #folderSyncs = new Map<string, Promise<void>>()

  constructor(directory: string) {
    this.#directory = directory
    let isNew = false
    for (let index = 0; index < fanOut; index++) {
      if (mkdirSync(join(directory, folderName(index)), { recursive: true }) !== undefined) isNew = true
    }
    if (!isNew) return
    syncDirectory(directory)
    syncDirectory(dirname(directory))
  }

  /** Reads exactly `length` bytes; what the file does not reach is zero, all of it where there is no file. */
  read(address: ChunkAddress, target: Buffer, targetStart: number, length: number, position: number): void {
    const descriptor = this.#existing(address)
    let done = 0
    while (descriptor !== undefined && done < length) {
      const count = readSync(descriptor, target, targetStart + done, length - done, position + done)
      if (count === 0) break
      done += count
    }
    target.fill(0, targetStart + done, targetStart + length)
  }

  write(address: ChunkAddress, source: Uint8Array, sourceStart: number, length: number, position: number): void {
    const descriptor = this.#descriptor(address)
    let done = 0
    while (done < length) {
      done += writeSync(descriptor, source, sourceStart + done, length - done, position + done)
    }
  }

  /** Makes `start`–`end` read as zeros without using space where the file system allows it. */
  zero(address: ChunkAddress, start: number, end: number): void {
    const descriptor = this.#existing(address)
    if (descriptor === undefined) return
    const length = fstatSync(descriptor).size
    if (length <= start) return
    if (length <= end) ftruncateSync(descriptor, start)
    else writeSync(descriptor, Buffer.alloc(end - start), 0, end - start, start)
  }

  /** Makes the file at least this long; what is added reads as zeros and takes no space. */
  reach(address: ChunkAddress, length: number): void {
    const descriptor = this.#descriptor(address)
    if (fstatSync(descriptor).size < length) ftruncateSync(descriptor, length)
  }

  /** 0 when there is no such file. */
  length(address: ChunkAddress): number {
    return statSync(this.#name(address), { throwIfNoEntry: false })?.size ?? 0
  }

  /** Cuts the file to at most `length` bytes. */
  cut(address: ChunkAddress, length: number): void {
    const descriptor = this.#existing(address)
    if (descriptor !== undefined && fstatSync(descriptor).size > length) ftruncateSync(descriptor, length)
  }

  /** After this the chunk's bytes, and its name, survive power loss. */
  async sync(address: ChunkAddress): Promise<void> {
    await this.#syncBytes(address)
    await this.#syncFolder(dirname(this.#name(address)))
  }

  #syncBytes(address: ChunkAddress): Promise<void> {
    const descriptor = this.#descriptor(address)
    this.#busy.set(descriptor, (this.#busy.get(descriptor) ?? 0) + 1)
    return new Promise((resolve, reject) => {
      fdatasync(descriptor, (error) => {
        this.#endSync(descriptor)
        if (error === null) resolve()
        else reject(error)
      })
    })
  }

  remove(address: ChunkAddress): void {
    const name = this.#name(address)
    const descriptor = this.#open.get(name)
    this.#open.delete(name)
    if (descriptor !== undefined && this.#busy.has(descriptor)) this.#doomed.add(descriptor)
    else if (descriptor !== undefined) closeSync(descriptor)
    try {
      unlinkSync(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  /** Every chunk on disk, for recovery. */
  *list(): Generator<ChunkAddress> {
    for (let index = 0; index < fanOut; index++) {
      for (const file of readdirSync(join(this.#directory, folderName(index)))) {
        const [content, chunk] = file.split('.').map(Number)
        if (content !== undefined && chunk !== undefined) yield { content, chunk }
      }
    }
  }

  /** Takes a chunk out of the cache without losing it; only before anything is open. */
  moveTo(directory: string, address: ChunkAddress): void {
    const name = this.#name(address)
    renameSync(name, join(directory, basename(name)))
  }

  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor)
    this.#open.clear()
  }

  #endSync(descriptor: number): void {
    const users = (this.#busy.get(descriptor) ?? 1) - 1
    if (users > 0) {
      this.#busy.set(descriptor, users)
      return
    }
    this.#busy.delete(descriptor)
    if (this.#doomed.delete(descriptor)) closeSync(descriptor)
  }

  #name({ content, chunk }: ChunkAddress): string {
    return join(this.#directory, folderName(content % fanOut), `${content}.${chunk}`)
  }

  /** Whoever finds the folder being synced since after its own name was made waits for that. */
  async #syncFolder(folder: string): Promise<void> {
    if (this.#unsyncedFolders.delete(folder)) {
      const sync = this.#syncFolderNow(folder)
      this.#folderSyncs.set(folder, sync)
    }
    await this.#folderSyncs.get(folder)
  }

  async #syncFolderNow(folder: string): Promise<void> {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } catch (error) {
      this.#unsyncedFolders.add(folder)
      throw error
    } finally {
      await handle.close()
    }
  }

  #existing(address: ChunkAddress): number | undefined {
    try {
      return this.#descriptor(address, 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  #descriptor(address: ChunkAddress, flags = constants.O_CREAT): number {
    const name = this.#name(address)
    const known = this.#open.get(name)
    if (known !== undefined) return known
    if (flags !== 0 && !existsSync(name)) this.#unsyncedFolders.add(dirname(name))
    const descriptor = openSync(name, constants.O_RDWR | flags, 0o600)
    this.#open.set(name, descriptor)
    this.#closeOldest()
    return descriptor
  }

  #closeOldest(): void {
    if (this.#open.size <= maxOpenFiles) return
    for (const [name, descriptor] of this.#open) {
      if (this.#busy.has(descriptor)) continue
      closeSync(descriptor)
      this.#open.delete(name)
      return
    }
  }
}

function folderName(index: number): string {
  return index.toString(16).padStart(2, '0')
}
