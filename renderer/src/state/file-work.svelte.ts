import { createContext } from 'svelte'
import { t } from '../../../language/language.ts'
import type { FileEntry, FileOutcome } from '../../../contracts/file.ts'
import type { IpcReply } from '../../../contracts/ipc.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { freedInWords, outcomesInWords, type FileDeed } from '../words/file-outcome-words.ts'
import { percentDone } from '../words/quantities.ts'
import { itemsInWords } from '../words/file-words.ts'
import { splitPath } from '../words/transfer-words.ts'
import type { Application } from './application.svelte.ts'
import { Deletions, heldMs } from './deletions.svelte.ts'
import type { Files } from './files.svelte.ts'
import type { WindowState } from './window-state.svelte.ts'

/** As many as one request may be about. */
const mostPaths = 10_000

export type Clash = { driveId: string; path: string; sources: readonly string[]; clashes: readonly string[] }

/** What is done with files, and what is said of it. Nothing here waits for bytes: their way is shown under Transfers. */
export class FileWork {
  /** What is going on, in words. */
  running = $state.raw<readonly string[]>([])
  /** Names that are taken: the person is asked before anything is uploaded. */
  clash = $state.raw<Clash>()
  readonly deletions = new Deletions()

  readonly #application: Application
  readonly #window: WindowState
  readonly #files: Files

  constructor(application: Application, window: WindowState, files: Files) {
    this.#application = application
    this.#window = window
    this.#files = files
  }

  /** 0 to 100, while it is being sent. */
  uploadedOf(driveId: string, { transferId }: FileEntry): number | undefined {
    const transfer = transferId === undefined ? undefined : this.#application.transferOf(driveId, transferId)
    return transfer?.status.state === 'running' ? percentDone(transfer.doneBytes, transfer.sizeBytes) : undefined
  }

  async open(driveId: string, path: string): Promise<void> {
    this.#check(await this.#application.request('file:open', { driveId, path }))
  }

  async reveal(driveId: string, path: string): Promise<void> {
    this.#check(await this.#application.request('file:reveal', { driveId, path }))
  }

  async keep(driveId: string, paths: readonly string[]): Promise<void> {
    if (!(await this.#each(paths, (some) => this.#application.request('file:keep', { driveId, paths: some })))) return
    this.#window.say(t('files.work.kept', { items: itemsInWords(paths.map(nameOf)) }))
  }

  async release(driveId: string, paths: readonly string[]): Promise<void> {
    const ask = (some: string[]) => this.#application.request('file:release', { driveId, paths: some })
    if (!(await this.#each(paths, ask))) return
    this.#window.say(t('files.work.released', { items: itemsInWords(paths.map(nameOf)) }))
  }

  free(driveId: string, paths: readonly string[]): Promise<void> {
    return this.#during(t('files.work.freeing'), async () => {
      for (const some of batches(paths)) {
        const reply = await this.#application.request('file:free', { driveId, paths: some })
        if (this.#check(reply)) this.#window.say(freedInWords(reply.result))
      }
      this.#files.refresh()
    })
  }

  /** All in one request: the folder they go to is asked for only once. */
  async download(driveId: string, paths: readonly string[]): Promise<void> {
    if (paths.length > mostPaths) {
      this.#window.complain(tooMany())
      return
    }
    const reply = await this.#application.request('file:download', { driveId, paths: [...paths] })
    if (!this.#check(reply)) return
    const { target, outcomes } = reply.result
    if (target !== undefined) this.#tell(outcomes, 'downloaded', target)
    this.#files.refresh()
  }

  /** Without sources the system's dialog asks for them. */
  async upload(driveId: string, path: string, sources?: readonly string[]): Promise<void> {
    const given = sources === undefined ? {} : { sources: [...sources] }
    const reply = await this.#application.request('file:upload', { driveId, path, ...given })
    if (!this.#check(reply)) return
    const { clashes, outcomes, sources: chosen = [] } = reply.result
    if (clashes.length > 0) this.clash = { driveId, path, sources: sources ?? chosen, clashes }
    else this.#uploaded(outcomes)
  }

  async settleClash(onClash: 'rename' | 'replace' | 'skip' | undefined): Promise<void> {
    const { clash } = this
    this.clash = undefined
    if (clash === undefined || onClash === undefined) return
    const { driveId, path, sources } = clash
    const reply = await this.#application.request('file:upload', { driveId, path, sources: [...sources], onClash })
    if (this.#check(reply)) this.#uploaded(reply.result.outcomes)
  }

  /** Answers what stands in the way, so that it is said beside the field. */
  async makeFolder(driveId: string, path: string, name: string): Promise<Problem | undefined> {
    const reply = await this.#application.request('file:makeFolder', { driveId, path, name })
    if (!reply.ok) return reply.problem
    this.#files.focusSoon(reply.result.path)
    return undefined
  }

  async rename(driveId: string, path: string, name: string): Promise<Problem | undefined> {
    const reply = await this.#application.request('file:rename', { driveId, path, name })
    if (!reply.ok) return reply.problem
    this.#files.withoutThese([path])
    this.#files.focusSoon(reply.result.path)
    if (reply.result.path === path) return undefined
    const [before, now] = [nameOf(path), nameOf(reply.result.path)]
    this.#window.offerUndo(
      t('files.rename.done', { name: before, next: now }),
      Date.now() + heldMs,
      () => void this.#renameBack(driveId, reply.result.path, before),
    )
    return undefined
  }

  /** Nothing is deleted yet: for a few seconds it can be taken back. */
  remove(driveId: string, paths: readonly string[]): void {
    const fresh = paths.filter((path) => !this.deletions.isHeld(driveId, path))
    const values = { count: fresh.length, name: nameOf(fresh[0] ?? '') }
    if (fresh.length === 0) return
    const takeBack = this.deletions.hold(driveId, fresh, () => void this.#removeNow(driveId, fresh))
    this.#files.withoutThese(fresh)
    this.#window.offerUndo(t('files.delete.held', values), Date.now() + heldMs, () =>
      this.#window.say(takeBack() ? t('files.delete.undone', values) : t('files.delete.late', values)),
    )
  }

  async #renameBack(driveId: string, path: string, name: string): Promise<void> {
    const reply = await this.#application.request('file:rename', { driveId, path, name })
    if (!this.#check(reply)) return
    this.#window.say(t('files.rename.undone', { name }))
    this.#files.withoutThese([path])
    this.#files.focusSoon(reply.result.path)
  }

  async #removeNow(driveId: string, paths: readonly string[]): Promise<void> {
    const view = this.#application.driveView(driveId)
    if (view?.state.state !== 'mounted') {
      const drive = view?.drive.name ?? ''
      const message = t('files.delete.unmounted', { count: paths.length, name: nameOf(paths[0] ?? ''), drive })
      this.#window.complain({ code: 'not-found', message, remedy: t('files.delete.unmounted.remedy') })
      return
    }
    await this.#during(t('files.work.deleting', { items: itemsInWords(paths.map(nameOf)) }), async () => {
      const outcomes: FileOutcome[] = []
      for (const some of batches(paths)) {
        const reply = await this.#application.request('file:delete', { driveId, paths: some })
        if (this.#check(reply)) outcomes.push(...reply.result.outcomes)
      }
      this.#tell(outcomes, 'deleted')
      this.#files.withoutThese(outcomes.filter(({ outcome }) => outcome === 'done').map(({ path }) => path))
    })
  }

  #uploaded(outcomes: readonly FileOutcome[]): void {
    this.#tell(outcomes, 'added')
    this.#files.refresh()
  }

  #tell(outcomes: readonly FileOutcome[], deed: FileDeed, target?: string): void {
    const { said, problem } = outcomesInWords(outcomes, deed, target)
    if (said !== undefined) this.#window.say(said)
    if (problem) this.#window.complain(problem)
  }

  async #each(paths: readonly string[], ask: (some: string[]) => Promise<IpcReply<unknown>>): Promise<boolean> {
    for (const some of batches(paths)) if (!this.#check(await ask(some))) return false
    this.#files.refresh()
    return true
  }

  async #during(words: string, work: () => Promise<void>): Promise<void> {
    this.running = [...this.running, words]
    await work()
    const at = this.running.indexOf(words)
    this.running = this.running.filter((_words, index) => index !== at)
  }

  #check<T>(reply: IpcReply<T>): reply is { ok: true; result: T } {
    if (!reply.ok && reply.problem.code !== 'cancelled') this.#window.complain(reply.problem)
    return reply.ok
  }
}

const tooMany = (): Problem => ({
  code: 'invalid-input',
  message: t('files.work.too-many', { count: mostPaths }),
  remedy: t('files.work.too-many.remedy'),
})

function nameOf(path: string): string {
  return splitPath(path).name
}

function batches(paths: readonly string[]): string[][] {
  const count = Math.ceil(paths.length / mostPaths)
  return Array.from({ length: count }, (_none, index) => paths.slice(index * mostPaths, (index + 1) * mostPaths))
}

export const [getFileWork, setFileWork] = createContext<FileWork>()
