/** Copies asked for by the window, in and out: what may be copied where, and one transfer for each request. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import type { FileOutcome, FileUpload, FileUploaded } from '../../contracts/file.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Caller, KernelOperations } from '../fuse/kernel.ts'
import type { Copies } from './copies.ts'
import { copyIn, kindAt } from './copy-in.ts'
import { copyOut } from './copy-out.ts'

export class FileTransport {
  readonly #operations: KernelOperations
  readonly #caller: Caller
  readonly #copies: Copies
  /** Where the drive is mounted, if it is: the worker never touches a path in there. */
  readonly #mountpoint: string | undefined

  constructor(options: {
    operations: KernelOperations
    caller: Caller
    copies: Copies
    mountpoint: string | undefined
  }) {
    this.#operations = options.operations
    this.#caller = options.caller
    this.#copies = options.copies
    this.#mountpoint = options.mountpoint
  }

  async download(paths: readonly string[], target: string): Promise<FileOutcome[]> {
    const folder = await this.#assertElsewhere(target, (path) => realpath(path))
    const shown = paths.length === 1 ? (paths[0] ?? '') : dirname(`/${paths[0] ?? ''}`).slice(1)
    return this.#copies.run('download', shown, async (progress) => {
      const driveName = basename(this.#mountpoint ?? '') || 'Drive'
      const outcomes: FileOutcome[] = []
      for (const path of paths)
        outcomes.push(await copyOut(path, folder, { operations: this.#operations, progress, driveName }))
      return outcomes
    })
  }

  async upload({ path, sources, onClash }: FileUpload): Promise<FileUploaded> {
    const allowed: string[] = []
    // The folder it is in, not the file: what a link leads to is not what is copied.
    const realPlace = async (source: string): Promise<string> => join(await realpath(dirname(source)), basename(source))
    for (const source of sources) allowed.push(await this.#assertElsewhere(source, realPlace))
    if (onClash === undefined) {
      const clashes = await this.#clashes(path, allowed)
      if (clashes.length > 0) return { outcomes: [], clashes }
    }
    return this.#copies.run('upload', join(path, basename(allowed[0] ?? '')), async (progress) => {
      const copying = { operations: this.#operations, caller: this.#caller, progress, onClash: onClash ?? 'rename' }
      const outcomes: FileOutcome[] = []
      for (const source of allowed) outcomes.push(await copyIn(source, path, copying))
      return { outcomes, clashes: [] }
    })
  }

  async #clashes(folder: string, sources: readonly string[]): Promise<string[]> {
    const clashes: string[] = []
    for (const name of sources.map((source) => basename(source)))
      if ((await kindAt(this.#operations, join('/', folder, name))) !== undefined) clashes.push(name)
    return clashes
  }

  async #assertElsewhere(path: string, real: (path: string) => Promise<string>): Promise<string> {
    if (!isAbsolute(path)) throw refused(t('worker.copy-not-full', { path }), t('worker.copy-not-full.remedy'))
    const onDrive = refused(t('worker.copy-on-drive', { path }), t('worker.copy-on-drive.remedy'))
    if (this.#isOnDrive(resolve(path))) throw onDrive
    const found = await real(path).catch(() => undefined)
    if (found === undefined) throw refused(t('worker.copy-not-there', { path }), t('worker.copy-not-there.remedy'))
    if (this.#isOnDrive(found)) throw onDrive
    return found
  }

  #isOnDrive(path: string): boolean {
    return this.#mountpoint !== undefined && (path === this.#mountpoint || path.startsWith(this.#mountpoint + sep))
  }
}

function refused(message: string, remedy: string): ProblemError {
  return new ProblemError({ code: 'invalid-input', message, remedy })
}
