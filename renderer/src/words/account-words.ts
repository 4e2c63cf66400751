import type { Account, AccountTestProgress, AccountTestStep, Capabilities } from '../../../contracts/account.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import type { Tone } from './tone.ts'
import { durationInWords } from './quantities.ts'

export type Finding = { label: string; value: string; tone: Tone; detail?: string }

/** What an endpoint was found to do, in the order of how much it matters to a person's files. */
export function capabilityFindings(capabilities: Capabilities): Finding[] {
  const findings = [conditionalFinding(capabilities), versioningFinding(capabilities)]
  if (capabilities.objectLock === 'enabled') {
    findings.push({
      label: t('accounts.finding.lock'),
      value: t('accounts.finding.on'),
      tone: 'neutral',
      detail: t('accounts.finding.lock.detail'),
    })
  }
  if (Math.abs(capabilities.clockSkewMs) > 60_000) findings.push(clockFinding(capabilities.clockSkewMs))
  return findings
}

export function hasConditionalWrites(capabilities: Capabilities): boolean {
  return capabilities.putIfMatch === 'honoured' && capabilities.putIfNoneMatch === 'honoured'
}

function conditionalFinding(capabilities: Capabilities): Finding {
  const label = t('accounts.test.conditional')
  if (hasConditionalWrites(capabilities)) {
    return { label, value: t('accounts.finding.honoured'), tone: 'good', detail: t('accounts.finding.honoured.detail') }
  }
  if (capabilities.putIfMatch === 'unknown' || capabilities.putIfNoneMatch === 'unknown') {
    return {
      label,
      value: t('accounts.finding.unknown-yet'),
      tone: 'neutral',
      detail: t('accounts.finding.unknown-yet.detail'),
    }
  }
  return {
    label,
    value: t('accounts.finding.not-honoured'),
    tone: 'warning',
    detail: t('accounts.finding.not-honoured.detail'),
  }
}

function versioningFinding({ versioning }: Capabilities): Finding {
  const value = t(versioningTexts[versioning])
  return { label: t('accounts.test.versioning'), value, tone: versioning === 'enabled' ? 'good' : 'neutral' }
}

const versioningTexts: Record<Capabilities['versioning'], MessageKey> = {
  enabled: 'accounts.finding.on',
  suspended: 'accounts.finding.paused',
  off: 'accounts.finding.off',
  unknown: 'accounts.finding.unknown',
}

function clockFinding(skewMs: number): Finding {
  const span = durationInWords(Math.abs(skewMs))
  return {
    label: t('accounts.finding.clock'),
    value: t(skewMs > 0 ? 'accounts.finding.clock.behind' : 'accounts.finding.clock.ahead', { span }),
    tone: 'warning',
    detail: t('accounts.finding.clock.detail'),
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
      return t('accounts.keys.static', { key: credentials.accessKeyId })
    case 'profile':
      return t('accounts.keys.profile', { profile: credentials.profile })
    case 'environment':
      return t('accounts.keys.environment')
    case 'anonymous':
      return t('accounts.keys.anonymous')
  }
}
