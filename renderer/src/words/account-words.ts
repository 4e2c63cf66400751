import type { Account, AccountTestProgress, AccountTestStep, Capabilities } from '../../../contracts/account.ts'
import type { MessageKey } from '../../../language/language.ts'
import type { Tone } from './tone.ts'
import { durationInWords } from './quantities.ts'

export type Finding = { label: string; value: string; tone: Tone; detail?: string }

/** What an endpoint was found to do, in the order of how much it matters to a person's files. */
export function capabilityFindings(capabilities: Capabilities): Finding[] {
  const findings = [conditionalFinding(capabilities), versioningFinding(capabilities)]
  if (capabilities.objectLock === 'enabled') {
    findings.push({ label: 'Object lock', value: 'on', tone: 'neutral', detail: 'Locked files cannot be deleted.' })
  }
  if (Math.abs(capabilities.clockSkewMs) > 60_000) findings.push(clockFinding(capabilities.clockSkewMs))
  return findings
}

export function hasConditionalWrites(capabilities: Capabilities): boolean {
  return capabilities.putIfMatch === 'honoured' && capabilities.putIfNoneMatch === 'honoured'
}

function conditionalFinding(capabilities: Capabilities): Finding {
  const label = 'Conditional writes'
  if (hasConditionalWrites(capabilities)) {
    return { label, value: 'honoured', tone: 'good', detail: 'Another program’s newer version is never overwritten.' }
  }
  if (capabilities.putIfMatch === 'unknown' || capabilities.putIfNoneMatch === 'unknown') {
    return { label, value: 'not known yet', tone: 'neutral', detail: 'Test the connection with a bucket to find out.' }
  }
  return {
    label,
    value: 'not honoured',
    tone: 'warning',
    detail:
      'CloudMount looks before each write instead. If two people save the same file within the same moment, the later one wins.',
  }
}

function versioningFinding({ versioning }: Capabilities): Finding {
  const value = { enabled: 'on', suspended: 'paused', off: 'off', unknown: 'not known' }[versioning]
  return { label: 'Versioning', value, tone: versioning === 'enabled' ? 'good' : 'neutral' }
}

function clockFinding(skewMs: number): Finding {
  const direction = skewMs > 0 ? 'behind' : 'ahead of'
  return {
    label: 'Clock',
    value: `${durationInWords(Math.abs(skewMs))} ${direction} the server`,
    tone: 'warning',
    detail: 'Set this computer’s clock; services refuse requests with a wrong time.',
  }
}

/** In the order in which they are taken. */
export const stepWords: Record<AccountTestStep['id'], MessageKey> = {
  reachable: 'accounts.test.reachable',
  signed: 'accounts.test.signed',
  list: 'accounts.test.list',
  write: 'accounts.test.write',
  conditional: 'accounts.test.conditional',
  versioning: 'accounts.test.versioning',
}

export type StepState = 'waiting' | AccountTestProgress['outcome']

export const stepStateWords: Record<StepState, { label: MessageKey; tone: Tone }> = {
  waiting: { label: 'accounts.test.waiting', tone: 'neutral' },
  running: { label: 'accounts.test.running', tone: 'active' },
  passed: { label: 'accounts.test.passed', tone: 'good' },
  warning: { label: 'accounts.test.warning', tone: 'warning' },
  failed: { label: 'accounts.test.failed', tone: 'danger' },
  skipped: { label: 'accounts.test.skipped', tone: 'neutral' },
}

export type StepView = { id: AccountTestStep['id']; state: StepState; summary: string }

/** Every step, also one that nothing was told of yet. */
export function stepViews(told: readonly AccountTestProgress[]): StepView[] {
  return (Object.keys(stepWords) as AccountTestStep['id'][]).map((id) => {
    const step = told.find((one) => one.id === id)
    return { id, state: step?.outcome ?? 'waiting', summary: step && 'summary' in step ? step.summary : '' }
  })
}

export function credentialsInWords({ credentials }: Account): string {
  switch (credentials.kind) {
    case 'static':
      return `Access key ${credentials.accessKeyId}`
    case 'profile':
      return `Profile ${credentials.profile}`
    case 'environment':
      return 'Keys from the environment'
    case 'anonymous':
      return 'No keys (public buckets only)'
  }
}
