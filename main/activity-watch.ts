/**
 * Turns what main hears (states of drives, their connections, transfers, accounts, and what the person asked for) into
 * what happened. Notes changes only: what was there when the application started is no news.
 */
import type { ResolutionKind } from '../contracts/conflict.ts'
import type { Drive } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import type { Transfer, TransferKind } from '../contracts/transfer.ts'
import type { ActivityLog, Happening } from './activity-log.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'
import { boardId } from './transfer-board.ts'
import type { AccountRecord } from './store-file.ts'

export type ActivityWatch = {
  drivesChanged(views: readonly DriveView[]): void
  accountsChanged(records: readonly AccountRecord[]): void
  transfersChanged(transfers: readonly Transfer[]): void
  /** The same handlers, with what the person chose noted once it is done. */
  recorded(handlers: IpcHandlers): IpcHandlers
}

const doneKinds: Record<TransferKind, Happening['kind']> = {
  upload: 'uploaded',
  copy: 'uploaded',
  download: 'downloaded',
  delete: 'deleted',
  folder: 'folder-made',
  move: 'moved',
}
const choiceKinds = { mine: 'chose-mine', theirs: 'chose-theirs', both: 'chose-both' } as const
const keptKinds = { mine: 'kept-mine', theirs: 'kept-theirs', both: 'kept-both' } as const

export function activityWatch(options: {
  log: ActivityLog
  driveName: (id: string) => string | undefined
  drives: readonly DriveView[]
  accounts: readonly AccountRecord[]
}): ActivityWatch {
  const { log } = options
  let drives = new Map(options.drives.map((view) => [view.drive.id, view]))
  /** By transfer: what was chosen for its conflict, until that is over or the choice is taken back. */
  const chosenKinds = new Map<string, ResolutionKind>()
  let accounts = new Map(options.accounts.map(({ account }) => [account.id, account]))

  const ofDrive = (driveId: string): { driveId: string; name?: string } => {
    const name = options.driveName(driveId)
    return { driveId, ...(name === undefined ? {} : { name }) }
  }

  return {
    drivesChanged(views) {
      const before = drives
      drives = new Map(views.map((view) => [view.drive.id, view]))
      for (const [id, { drive }] of before)
        if (!drives.has(id)) log.note({ kind: 'drive-removed', driveId: id, name: drive.name })
      for (const view of views) {
        const { id, name } = view.drive
        const then = before.get(id)
        for (const happening of then === undefined ? [{ kind: 'drive-added' as const }] : changesOf(then, view))
          log.note({ driveId: id, name, ...happening })
      }
    },
    accountsChanged(records) {
      const before = accounts
      accounts = new Map(records.map(({ account }) => [account.id, account]))
      for (const [id, { name }] of before) if (!accounts.has(id)) log.note({ kind: 'account-removed', name })
      for (const [id, account] of accounts) {
        const then = before.get(id)
        if (then === undefined) log.note({ kind: 'account-added', name: account.name })
        else if (JSON.stringify(then) !== JSON.stringify(account))
          log.note({ kind: 'account-changed', name: account.name })
      }
    },
    transfersChanged(transfers) {
      for (const transfer of transfers)
        for (const one of transferred(transfer, log, chosenKinds)) log.note({ ...ofDrive(transfer.driveId), ...one })
    },
    recorded: (handlers) => ({
      ...handlers,
      'conflict:resolve': async (asked) => {
        const result = await handlers['conflict:resolve'](asked)
        const chosen = new Set(result.outcomes.flatMap(({ id, outcome }) => (outcome === 'chosen' ? [id] : [])))
        for (const { id, kind } of asked.choices)
          if (chosen.has(id)) chosenKinds.set(transferOf(asked.driveId, id), kind)
        for (const kind of ['mine', 'theirs', 'both'] as const) {
          const count = asked.choices.filter((choice) => choice.kind === kind && chosen.has(choice.id)).length
          if (count > 0) log.note({ ...ofDrive(asked.driveId), kind: choiceKinds[kind], count })
        }
        return result
      },
      'conflict:undo': async (asked) => {
        const result = await handlers['conflict:undo'](asked)
        const undone = asked.ids.filter((id) => chosenKinds.delete(transferOf(asked.driveId, id)))
        if (undone.length > 0) log.note({ ...ofDrive(asked.driveId), kind: 'choice-undone', count: undone.length })
        return result
      },
      'recovered:restore': async (asked) => {
        const result = await handlers['recovered:restore'](asked)
        log.note({ ...ofDrive(asked.driveId), kind: 'restored', path: result.path })
        return result
      },
      'version:restore': async (asked) => {
        const result = await handlers['version:restore'](asked)
        if (result.outcome === 'restored') log.note({ ...ofDrive(asked.driveId), kind: 'restored', path: asked.path })
        return result
      },
      'file:free': async (asked) => {
        const result = await handlers['file:free'](asked)
        const { freedFiles } = result
        if (freedFiles > 0) log.note({ ...ofDrive(asked.driveId), kind: 'freed', count: freedFiles })
        return result
      },
    }),
  }
}

function changesOf(then: DriveView, now: DriveView): Pick<Happening, 'kind' | 'message'>[] {
  const changes: Pick<Happening, 'kind' | 'message'>[] = []
  if (JSON.stringify(chosenOf(then.drive)) !== JSON.stringify(chosenOf(now.drive)))
    changes.push({ kind: 'drive-changed' })
  const { state } = now
  if (state.state !== then.state.state) {
    if (state.state === 'mounted' || state.state === 'unmounted') changes.push({ kind: state.state })
    if (state.state === 'failed' || state.state === 'restarting')
      changes.push({ kind: state.state, message: state.problem.message })
  }
  changes.push(...connectionChanges(then, now))
  const [wasPaused, isPaused] = [then, now].map(({ status }) => status.pause !== undefined)
  if (state.state === 'mounted' && then.state.state === 'mounted' && wasPaused !== isPaused)
    changes.push({ kind: isPaused === true ? 'paused' : 'resumed' })
  return changes
}

/** Who is offline cannot know whether the sign-in still holds, so one of the two is noted as over only when calls get through. */
function connectionChanges(then: DriveView, now: DriveView): Pick<Happening, 'kind' | 'message'>[] {
  if (now.state.state !== 'mounted') return []
  const before = then.state.state === 'mounted' ? then.status.connection : undefined
  const { connection } = now.status
  if (connection === before) return []
  if (connection === 'offline' || connection === 'signed-out') return [{ kind: connection, ...whyOf(now) }]
  if (before === 'offline') return [{ kind: 'online' }]
  return before === 'signed-out' ? [{ kind: 'signed-in' }] : []
}

function whyOf({ status }: DriveView): Pick<Happening, 'message'> {
  return status.problem === undefined ? {} : { message: status.problem.message }
}

/** Rules of folders are made beside the conflicts, many at a time. */
function chosenOf({ conflictRules: _rules, ...drive }: Drive): Partial<Drive> {
  return drive
}

/** A conflict is that of an operation, which is also a transfer. */
function transferOf(driveId: string, conflictId: string): string {
  return boardId(driveId, `op-${conflictId}`)
}

function transferred(
  { id, kind, path, status, move }: Transfer,
  log: ActivityLog,
  chosenKinds: Map<string, ResolutionKind>,
): Happening[] {
  if (status.state === 'conflict') return log.troubled(id, 'conflict') ? [{ kind: 'conflict-found', path }] : []
  if (status.state === 'blocked')
    return log.troubled(id, 'blocked') ? [{ kind: 'blocked', path, message: status.problem.message }] : []
  const trouble = log.untroubled(id)
  const chosen = chosenKinds.get(id)
  const settled = chosen === undefined ? 'conflict-over' : keptKinds[chosen]
  const over: Happening[] = trouble === 'conflict' ? [{ kind: settled, path }] : []
  if (trouble === 'conflict') chosenKinds.delete(id)
  if (trouble === 'blocked' && status.state === 'done') over.push({ kind: 'unblocked', path })
  if (status.state !== 'done') return over
  return [...over, { kind: doneKinds[kind], path, ...(move === undefined ? {} : { from: move.from }) }]
}
