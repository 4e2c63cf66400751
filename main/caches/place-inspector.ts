/** Asks the disk and a worker what the rules about a place for caches want to know. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, realpath, rm, rmdir, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProblemError, type Problem } from '../../contracts/problem.ts'
import { WorkerLink } from '../../contracts/worker-client.ts'
import { t } from '../../language/language.ts'
import type { WorkerHost } from '../drive-supervisor.ts'
import { diskKindOf, type DiskKind } from './disk-kind.ts'

const readyDeadlineMs = 30_000
/** A worker that was left alone may take some seconds to let go of its cache. */
const askDeadlineMs = 30_000

export type PlaceInspector = {
  /** Rejects where a folder cannot be used by whoever runs the application. */
  realPath(folder: string): Promise<string>
  kind(folder: string): Promise<DiskKind>
  freeBytes(folder: string): Promise<number>
  /** Whether files in `from` can get a second name in `to`; both must exist. */
  canLink(from: string, to: string): Promise<boolean>
  /** Rejects where a drive could not live. Makes the folder for the time of the trial. */
  tryOut(directory: string): Promise<void>
  /** Rejects while a process has one of these caches open. */
  seal(caches: readonly string[]): Promise<void>
}

export function placeInspector(options: { workers: WorkerHost; platform: NodeJS.Platform }): PlaceInspector {
  const ask = async (asked: (worker: WorkerLink) => Promise<unknown>): Promise<void> => {
    const worker = options.workers.start('caches')
    try {
      const link = new WorkerLink({ port: worker.port, onEvent: () => {}, onSnapshot: () => {} })
      await link.ready(readyDeadlineMs)
      await asked(link)
    } finally {
      worker.kill()
    }
  }
  return {
    realPath: (folder) => realpath(folder).catch((error: unknown) => Promise.reject(unusable(folder, error))),
    kind: (folder) => diskKindOf(folder, options.platform),
    async freeBytes(folder) {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    },
    async canLink(from, to) {
      const name = `.cloudmount-${randomUUID()}`
      try {
        await writeFile(join(from, name), '', { mode: 0o600 })
        await link(join(from, name), join(to, name))
        return true
      } catch {
        return false
      } finally {
        await rm(join(from, name), { force: true })
        await rm(join(to, name), { force: true })
      }
    },
    async tryOut(directory) {
      const isNew = !existsSync(directory)
      await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) =>
        Promise.reject(unusable(directory, error)),
      )
      try {
        await ask((worker) => worker.request('cache:try', { directory }, { deadlineMs: askDeadlineMs }))
      } finally {
        if (isNew) await rmdir(directory).catch(() => undefined)
      }
    },
    seal: (caches) =>
      ask(async (worker) => {
        for (const directory of caches) await worker.request('cache:seal', { directory }, { deadlineMs: askDeadlineMs })
      }),
  }
}

function unusable(folder: string, error: unknown): ProblemError {
  const problem: Problem = {
    code: 'cache-unusable',
    message: t('main.caches-folder-unusable', { folder }),
    consequence: t('main.caches-folder-unusable.consequence'),
    remedy: t('main.caches-folder-unusable.remedy'),
    detail: error instanceof Error ? error.message : String(error),
  }
  return new ProblemError(problem, { cause: error })
}
