/**
 * What a person hands to somebody who is to find out what went wrong: versions, settings, and the state of everything, each field
 * chosen. Must hold: no secret and nobody's names are in it (accounts, buckets, files, folders, hosts, regions of private services);
 * the same thing has the same placeholder throughout. Nothing here reads a secret.
 */
import type { DriveView, Settings } from '../contracts/ipc.ts'
import { ipcRequests } from '../contracts/ipc.ts'
import type { Problem } from '../contracts/problem.ts'
import type { Transfer } from '../contracts/transfer.ts'
import { redactLine } from './log-redaction.ts'
import { placeholders, type Placeholders } from './placeholders.ts'
import type { AccountRecord } from './store-file.ts'

export type BundleFacts = {
  nowMs: number
  versions: Readonly<Record<string, string>>
  /** Of the computer: numbers and words of the system, nothing a person chose. */
  system: Readonly<Record<string, string | number | boolean>>
  settings: Settings
  accounts: readonly AccountRecord[]
  drives: readonly DriveView[]
  transfers: readonly Transfer[]
  notices: readonly Problem[]
  logLines: readonly string[]
}

const offeredClasses = ['STANDARD', 'INTELLIGENT_TIERING', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR']

export function supportBundle(facts: BundleFacts): string {
  const names = placeholders()
  const parts: [string, unknown][] = [
    ['versions', facts.versions],
    ['system', facts.system],
    ['settings', settingsOf(facts.settings)],
    ['accounts', facts.accounts.map((record) => accountOf(record, names))],
    ['drives', facts.drives.map((view) => driveOf(view, names))],
    ['transfers', transfersOf(facts.transfers)],
    ['notices', facts.notices.map(({ code }) => code)],
  ]
  const redaction = {
    driveNames: facts.drives.map(({ drive }) => drive.name),
    requestNames: Object.keys(ipcRequests),
    names,
  }
  return [
    `CloudMount support bundle, ${new Date(facts.nowMs).toISOString()}`,
    'Names of accounts, drives, buckets, files, folders and servers are replaced; keys are not in it.',
    ...parts.map(([title, value]) => `\n## ${title}\n${JSON.stringify(value, undefined, 2)}`),
    `\n## log\n${facts.logLines.map((line) => redactLine(line, redaction)).join('\n')}\n`,
  ].join('\n')
}

function settingsOf(settings: Settings): Record<string, unknown> {
  const { opensAtLogin, keepsRunningWhenClosed, theme, logLevel, silenced, proxy } = settings
  return { opensAtLogin, keepsRunningWhenClosed, theme, logLevel, silenced, proxy: proxyOf(proxy) }
}

function proxyOf(proxy: Settings['proxy']): Record<string, unknown> {
  if (proxy?.mode !== 'manual') return { mode: proxy?.mode ?? 'system' }
  const { mode, http, https, user, bypass } = proxy
  return {
    mode,
    hasHttp: http !== undefined,
    hasHttps: https !== undefined,
    hasUser: user !== undefined,
    bypassed: bypass.length,
  }
}

function accountOf({ account, capabilities }: AccountRecord, names: Placeholders): Record<string, unknown> {
  const { endpoint } = account
  return {
    account: names('account', account.id),
    provider: account.provider,
    endpoint: endpoint === undefined ? 'of the provider' : placeOf(endpoint, names),
    region: account.provider === 'aws' ? account.region : names('region', account.region),
    addressing: account.addressing,
    credentials: account.credentials.kind,
    hasCaFile: account.caFile !== undefined,
    capabilities,
  }
}

/** How it is spoken to, not where it is. */
function placeOf(endpoint: string, names: Placeholders): string {
  const protocol = endpoint.startsWith('https:') ? 'https' : 'http'
  return `${protocol}://${names('host', endpoint.replace(/^https?:\/\//, '').replace(/[/?#].*$/s, ''))}`
}

function driveOf({ drive, state, status }: DriveView, names: Placeholders): Record<string, unknown> {
  const { storageClass } = drive
  const { problem, shortage, signIn, ...numbers } = status
  return {
    drive: names('drive', drive.name),
    account: names('account', drive.accountId),
    bucket: names('bucket', drive.bucket),
    prefix: drive.prefix === '' ? 'none' : names('prefix', drive.prefix),
    mountpoint: names('folder', drive.mountpoint),
    hasOwnCacheDirectory: drive.cacheDirectory !== undefined,
    cacheLimitBytes: drive.cacheLimitBytes,
    isReadOnly: drive.isReadOnly,
    consistency: drive.consistency,
    mountsAtStart: drive.mountsAtStart,
    localOnlyPatterns: drive.localOnlyPatterns?.length ?? 'the usual ones',
    conflictPolicy: drive.conflictPolicy,
    conflictRules: drive.conflictRules?.map(({ policy }) => policy),
    storageClass: storageClass === undefined || offeredClasses.includes(storageClass) ? storageClass : 'another',
    encryption: drive.encryption?.kind,
    state: state.state,
    stateProblem: 'problem' in state ? codeOf(state.problem) : undefined,
    status: { ...numbers, problem: codeOf(problem), shortage: codeOf(shortage) },
    signIn: signIn && { endsAt: signIn.endsAt, hasCommand: signIn.command !== undefined },
  }
}

function codeOf(problem: Problem | undefined): string | undefined {
  if (problem === undefined) return undefined
  const http = /\bHTTP [1-5]\d\d\b/.exec(problem.detail ?? '')?.[0]
  return http === undefined ? problem.code : `${problem.code} (${http})`
}

/** How many of each kind are in each state, and why those that wait do. */
function transfersOf(transfers: readonly Transfer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind, status } of transfers) {
    const why = 'problem' in status ? ` (${codeOf(status.problem)})` : ''
    const name = `${kind}, ${status.state}${why}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
