/**
 * New versions: looked for now and then and when a person asks, fetched when a person says so, installed when a person says so. Must hold:
 * nothing is asked of anybody while updates are off; nothing is installed but by `isLeaving`, after the question before quitting was answered.
 */
import { problemFrom, type Problem } from '../../contracts/problem.ts'
import { usualUpdateChannel, type UpdateChannel, type UpdateState } from '../../contracts/update.ts'
import { t } from '../../language/language.ts'
import type { IpcHandlers } from '../ipc-dispatch.ts'
import type { UpdateSource } from './update-source.ts'

/** When the drives are mounted and the window is there. */
export const firstLookMs = 60_000
export const lookEveryMs = 24 * 60 * 60_000
/** A timer does not count the time a computer sleeps. */
const wakeEveryMs = 15 * 60_000

export type UpdateHindrance = Extract<UpdateState, { state: 'unsupported' }>['because']

export type UpdateDesk = {
  state(): UpdateState
  check(): Promise<void>
  download(): Promise<void>
  cancel(): void
  /** Asks to quit, and installs when that comes to pass. */
  restart(): void
  /** The application stays: what was to be installed waits. */
  stay(): void
  /** Called when everything is unmounted and the application ends; true when the new version has been put in place. */
  leave(): boolean
  /** Begins to look by itself. */
  start(): void
  channelChanged(): void
}

export type UpdateDeskOptions = {
  source: UpdateSource
  hindrance: UpdateHindrance | undefined
  channel: () => UpdateChannel | undefined
  quit(): void
  nowMs: () => number
  changed(): void
  log: (message: string) => void
}

export function updateDesk(options: UpdateDeskOptions): UpdateDesk {
  const { source, hindrance, nowMs } = options
  let state: UpdateState = hindrance === undefined ? { state: 'idle' } : { state: 'unsupported', because: hindrance }
  let checkedAt: number | undefined
  let isLeaving = false
  let cancelled = 0
  /** Counts changes of the channel: what an earlier one answers is of no use. */
  let turn = 0

  const tell = (next: UpdateState): void => {
    state = next
    options.changed()
  }
  const rest = (): UpdateState => ({ state: 'idle', ...(checkedAt === undefined ? {} : { checkedAt }) })
  const fail = (problem: Problem): void =>
    tell({ state: 'failed', problem, ...(checkedAt === undefined ? {} : { checkedAt }) })
  const wanted = (): UpdateChannel => options.channel() ?? usualUpdateChannel

  const check = async (): Promise<void> => {
    const channel = wanted()
    if (channel === 'off' || !mayCheck(state)) return
    const mine = turn
    tell({ state: 'checking' })
    try {
      const version = await source.check(channel)
      if (mine !== turn) return
      checkedAt = nowMs()
      tell(version === undefined ? rest() : { state: 'available', version, checkedAt })
    } catch (error) {
      options.log(`updates: ${problemFrom(error).message}`)
      if (mine === turn) fail(notFound(error))
    }
  }

  return {
    state: () => state,
    check,
    async download() {
      if (state.state !== 'available') return
      const { version } = state
      const before = cancelled
      const begun = { doneBytes: 0, totalBytes: 0, bytesPerSecond: 0 }
      tell({ state: 'downloading', version, ...begun })
      try {
        await source.download((progress) => tell({ state: 'downloading', version, ...progress }))
        tell({ state: 'ready', version })
      } catch (error) {
        options.log(`updates: ${problemFrom(error).message}`)
        if (cancelled > before) tell({ state: 'available', version, checkedAt: checkedAt ?? nowMs() })
        else fail(notFetched(version, error))
      }
    },
    cancel() {
      cancelled++
      source.cancel()
    },
    restart() {
      if (state.state !== 'ready') return
      isLeaving = true
      options.quit()
    },
    stay() {
      isLeaving = false
    },
    leave() {
      if (!isLeaving) return false
      isLeaving = false
      source.install()
      return true
    },
    start() {
      if (hindrance !== undefined) return
      const startedMs = nowMs()
      const look = () => {
        const dueMs = checkedAt === undefined ? startedMs + firstLookMs : checkedAt + lookEveryMs
        if (nowMs() >= dueMs) void check()
      }
      setTimeout(look, firstLookMs).unref()
      setInterval(look, wakeEveryMs).unref()
    },
    channelChanged() {
      if (state.state !== 'checking' && state.state !== 'available' && state.state !== 'failed') return
      turn++
      tell(rest())
    },
  }
}

function mayCheck({ state }: UpdateState): boolean {
  return state === 'idle' || state === 'available' || state === 'failed'
}

export function updateHandlers({
  updates,
}: {
  updates: UpdateDesk
}): Pick<IpcHandlers, Extract<keyof IpcHandlers, `updates:${string}`>> {
  const done = (act: () => void) => {
    act()
    return {}
  }
  return {
    'updates:check': () => updates.check().then(() => ({})),
    // Its progress is told by events; the window does not wait for it.
    'updates:download': () => done(() => void updates.download()),
    'updates:cancel': () => done(() => updates.cancel()),
    'updates:restart': () => done(() => updates.restart()),
  }
}

/** Why this copy does not update itself. A disk image or an AppImage does; a package belongs to the system. */
export function updateHindrance(of: {
  platform: NodeJS.Platform
  isPackaged: boolean
  appImage: string | undefined
  hasFeed: boolean
}): UpdateHindrance | undefined {
  const updatesItself = of.platform === 'linux' ? of.appImage !== undefined : of.isPackaged
  if (!updatesItself) return of.isPackaged ? 'package' : 'source'
  return of.hasFeed ? undefined : 'no-feed'
}

function notFound(error: unknown): Problem {
  return {
    code: 'offline',
    message: t('main.update-not-found'),
    consequence: t('main.update-not-found.consequence'),
    remedy: t('main.update-not-found.remedy'),
    detail: detailOf(error),
  }
}

function notFetched(version: string, error: unknown): Problem {
  const isDamaged = codeOf(error) === 'ERR_CHECKSUM_MISMATCH' || codeOf(error) === 'ERR_UPDATER_INVALID_SIGNATURE'
  return {
    code: isDamaged ? 'content-damaged' : 'offline',
    message: isDamaged ? t('main.update-damaged', { version }) : t('main.update-not-fetched', { version }),
    consequence: t('main.update-not-fetched.consequence'),
    remedy: isDamaged ? t('main.update-damaged.remedy') : t('main.update-not-fetched.remedy'),
    detail: detailOf(error),
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** The first line: what follows are headers and stacks. */
function detailOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? ''
}
