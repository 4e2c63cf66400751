/** A sign-in that has ended or is about to: what to say, and what a person can do. */
import type { Account } from '../../../contracts/account.ts'
import type { DriveStatus } from '../../../contracts/drive.ts'
import type { DriveView } from '../../../contracts/ipc.ts'
import { formatDate } from '../../../language/dates.ts'
import { t } from '../../../language/language.ts'

/** Long enough to sign in without haste. */
const noticeMs = 10 * 60_000

export type SignInState = { state: 'ended' } | { state: 'ending'; sentence: string }

/** Undefined while there is nothing to do. */
export function signInState({ state, status }: DriveView, nowMs: number): SignInState | undefined {
  if (state.state !== 'mounted') return undefined
  if (status.connection === 'signed-out') return { state: 'ended' }
  const endsAt = status.signIn?.endsAt
  if (endsAt === undefined || endsAt <= nowMs || endsAt - nowMs > noticeMs) return undefined
  return { state: 'ending', sentence: t('sign-in.ends', { time: formatDate(endsAt, 'time') }) }
}

export function signedOutInWords(status: DriveStatus, nowMs: number): string {
  const count = status.pendingOperations
  if (status.problem?.code === 'profile-unknown') return t('sign-in.nothing', { count })
  const endedAt = status.signIn?.endsAt
  if (endedAt === undefined || endedAt > nowMs) return t('sign-in.ended', { count })
  return t('sign-in.ended.at', { count, time: formatDate(endedAt, 'time') })
}

export type WayBack = { how: string; command?: string; editsAccount: boolean }

export function wayBack(status: DriveStatus, credentials: Account['credentials'] | undefined): WayBack {
  const command = status.signIn?.command
  if (command !== undefined) return { how: t('sign-in.how.command'), command, editsAccount: false }
  if (credentials?.kind === 'profile')
    return { how: t('sign-in.how.profile', { profile: credentials.profile }), editsAccount: true }
  if (credentials?.kind === 'environment') return { how: t('sign-in.how.environment'), editsAccount: true }
  return { how: t('sign-in.how.keys'), editsAccount: true }
}
