/** One computer with one mounted drive, as far as the bucket can tell; several may share a bucket, and each may die at any moment. */
import { execFile } from 'node:child_process'
import * as files from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { Conflict, ResolutionKind } from '../../contracts/conflict.ts'
import { seenOf } from './conflict-world.ts'
import type { S3Target } from './s3-target.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const execute = promisify(execFile)
export const requestMs = { deadlineMs: 60_000 }

/** Polls for a minute, which is long after anything should have happened. */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const giveUpAtMs = Date.now() + 60_000
  while (!(await look())) {
    if (Date.now() > giveUpAtMs) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export class Machine {
  readonly mountpoint: string
  readonly cacheDirectory: string
  readonly #place: Pick<S3Target, 'account' | 'secret' | 'bucket'> & { prefix: string }
  worker!: WorkerProcess

  constructor(base: string, name: string, place: Pick<S3Target, 'account' | 'secret' | 'bucket'> & { prefix: string }) {
    this.mountpoint = join(base, name)
    this.cacheDirectory = join(base, `${name}-cache`)
    this.#place = place
  }

  async mount(): Promise<this> {
    const { account, secret, bucket, prefix } = this.#place
    await files.mkdir(this.mountpoint, { recursive: true })
    this.worker = await startWorkerProcess()
    await this.worker.link.request(
      'drive:mount',
      {
        drive: {
          id: 'conflicts',
          accountId: account.id,
          name: 'Conflicts',
          bucket,
          prefix,
          mountpoint: this.mountpoint,
          isReadOnly: false,
          consistency: 'close-to-open',
          mountsAtStart: false,
        },
        account,
        secret,
        cacheDirectory: this.cacheDirectory,
      },
      requestMs,
    )
    return this
  }

  at(name: string): string {
    return join(this.mountpoint, name)
  }

  read(name: string): Promise<string> {
    return files.readFile(this.at(name), 'utf8')
  }

  write(name: string, text: string): Promise<void> {
    return files.writeFile(this.at(name), text)
  }

  async conflicts(): Promise<Conflict[]> {
    return (await this.worker.link.request('conflict:list', {}, requestMs)).conflicts
  }

  async choose(conflict: Conflict, kind: ResolutionKind): Promise<void> {
    const { outcomes } = await this.worker.link.request(
      'conflict:resolve',
      { choices: [{ ...seenOf(conflict), kind }], delayMs: 0 },
      requestMs,
    )
    expect(outcomes).toEqual([{ id: conflict.id, outcome: 'chosen' }])
  }

  async pendingOperations(): Promise<number> {
    return (await this.worker.link.request('drive:snapshot', {}, requestMs)).status.pendingOperations
  }

  async synced(): Promise<void> {
    await until('everything is in the bucket', async () => (await this.pendingOperations()) === 0)
  }

  /** What it keeps of what was discarded, from its own disk. */
  async recovered(): Promise<Buffer[]> {
    const directory = join(this.cacheDirectory, 'recovered')
    const ids = await files.readdir(directory)
    return Promise.all(ids.map((id) => files.readFile(join(directory, id, 'content'))))
  }

  async end(): Promise<void> {
    await this.worker.kill()
    await this.detach()
  }

  /** What a worker that died left of its mount. */
  async detach(): Promise<void> {
    await execute('fusermount', ['-uz', this.mountpoint]).catch(() => undefined)
  }
}
