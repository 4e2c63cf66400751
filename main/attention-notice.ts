/**
 * Notifications of what a drive needs a person for, besides conflicts: a sign-in that has ended (once per account, however many drives it
 * has), changes that were refused, no space left, a drive that stopped. Told when it still stands after a moment, one word
 * for a burst of each kind; once, until it was over.
 */
import type { DriveView, IpcEvent } from '../contracts/ipc.ts'
import type { NotificationKind } from '../contracts/notification.ts'
import { languageInUse, t } from '../language/language.ts'
import { afterBurst } from './notice-burst.ts'

/** What comes and goes is not told again and again. A sign-in that ends again is another one. */
export const repeatMs = 60 * 60_000

type Need = {
  kind: 'sign-in' | 'refused' | 'full' | 'stopped' | 'not-mounted'
  /** The account or drive that it is told of once. */
  key: string
  name: string
  driveId: string
  count: number
}
export type Attention = {
  kind: NotificationKind
  message: string
  /** Where the window shows it. */
  screen: Omit<Extract<IpcEvent, { kind: 'screen:asked' }>, 'kind'>
}
export type AttentionNotice = { drivesChanged(): void }

export function attentionNotice(options: {
  drives: () => readonly DriveView[]
  accountName: (accountId: string) => string
  /** Somebody looks at the window. */
  isWatched: () => boolean
  tell: (attention: Attention) => void
}): AttentionNotice {
  const { drives, accountName } = options
  const toldAt = new Map<string, number>()
  const standing = new Set<string>()

  const look = (): void => {
    const views = drives()
    const needs = views.flatMap((view) => needsOf(view, accountName))
    const isOver = overIn(views)
    // One drive of an account may not have noticed yet what another has.
    const isNeeded = (key: string): boolean => needs.some((need) => need.key === key)
    for (const key of standing) if (isOver(key) && !isNeeded(key)) standing.delete(key)
    const fresh: Need[] = []
    for (const need of needs) {
      if (standing.has(need.key)) continue
      standing.add(need.key)
      const lastAt = toldAt.get(need.key)
      if (need.kind !== 'sign-in' && lastAt !== undefined && Date.now() - lastAt < repeatMs) continue
      toldAt.set(need.key, Date.now())
      // A drive that did not mount was perhaps asked to just now, by who sees why.
      if (need.kind !== 'not-mounted' || !options.isWatched()) fresh.push(need)
    }
    for (const attention of inWords(fresh)) options.tell(attention)
  }
  return { drivesChanged: afterBurst(look) }
}

function needsOf({ drive, state, status }: DriveView, accountName: (id: string) => string): Need[] {
  const of = (kind: Need['kind'], count = 1): Need => ({
    ...{ kind, key: `${trouble(kind)} ${drive.id}`, name: drive.name, driveId: drive.id, count },
  })
  // It says by itself what to unlock, in a window that is opened for it.
  if (state.state === 'failed' && state.problem.code === 'keys-locked') return []
  if (state.state === 'failed' && state.problem.code !== 'worker-crashed') return [of('not-mounted')]
  if (state.state === 'failed' || state.state === 'restarting') return [of('stopped')]
  if (state.state !== 'mounted') return []
  const refused = status.needsAttention - status.conflicts
  const { accountId } = drive
  const signIn = { ...of('sign-in'), key: `sign-in ${accountId}`, name: accountName(accountId) }
  return [
    ...(status.connection === 'signed-out' ? [signIn] : []),
    // What signs for the changes was refused, not the changes.
    ...(refused > 0 && status.connection !== 'signed-out' ? [of('refused', refused)] : []),
    ...(status.shortage === undefined ? [] : [of('full')]),
  ]
}

const trouble = (kind: Need['kind']): string => (kind === 'not-mounted' ? 'stopped' : kind)

/** Only a drive that is there shows that something is over: of one that is on its way nothing is known. */
function overIn(views: readonly DriveView[]): (key: string) => boolean {
  const mounted = views.filter(({ state }) => state.state === 'mounted')
  const over = new Set<string>()
  for (const { drive, status } of mounted) {
    over.add(`stopped ${drive.id}`)
    if (status.connection === 'online') over.add(`sign-in ${drive.accountId}`)
    if (status.needsAttention <= status.conflicts) over.add(`refused ${drive.id}`)
    if (status.shortage === undefined) over.add(`full ${drive.id}`)
  }
  return (key) => over.has(key)
}

function inWords(fresh: readonly Need[]): Attention[] {
  const signIns = fresh.filter(({ kind }) => kind === 'sign-in')
  const troubles = fresh.filter(({ kind }) => kind !== 'sign-in')
  const [signIn] = signIns
  const [first] = troubles
  const told: Attention[] = []
  if (signIn !== undefined) {
    const message = t('notifications.sign-in', { count: signIns.length, names: listOf(signIns) })
    told.push({ kind: 'sign-ins', message, screen: { screen: 'drives', driveId: signIn.driveId } })
  }
  if (first === undefined) return told
  const isOne = new Set(troubles.map(({ driveId }) => driveId)).size === 1
  const screen = troubles.every(({ kind }) => kind === 'refused') ? 'transfers' : 'drives'
  const message = isOne
    ? troubleInWords(first)
    : t('notifications.several', { count: new Set(troubles.map(({ name }) => name)).size, names: listOf(troubles) })
  told.push({ kind: 'trouble', message, screen: { screen, ...(isOne ? { driveId: first.driveId } : {}) } })
  return told
}

function troubleInWords({ kind, name, count }: Need): string {
  if (kind === 'refused') return t('notifications.refused', { name, count })
  if (kind === 'full') return t('notifications.full', { name })
  return t(kind === 'stopped' ? 'notifications.stopped' : 'notifications.not-mounted', { name })
}

function listOf(needs: readonly Need[]): string {
  const names = [...new Set(needs.map(({ name }) => t('notifications.name', { name })))]
  return new Intl.ListFormat(languageInUse().tag).format(names)
}
