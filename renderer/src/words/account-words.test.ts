import { expect, it } from 'vitest'
import type { Capabilities } from '../../../contracts/account.ts'
import { capabilityFindings } from './account-words.ts'

const strong: Capabilities = {
  probedAt: 0,
  putIfNoneMatch: 'honoured',
  putIfMatch: 'honoured',
  ifMatchForm: 'quoted',
  completeIfNoneMatch: 'honoured',
  completeIfMatch: 'honoured',
  deleteIfMatch: 'honoured',
  copySourceIfMatch: 'honoured',
  uploadPartCopy: 'honoured',
  checksums: 'honoured',
  versioning: 'enabled',
  objectLock: 'off',
  clockSkewMs: 0,
}

const conditional = (change: Partial<Capabilities>) => capabilityFindings({ ...strong, ...change })[0]

it('an endpoint that honours conditions says so', () => {
  expect(conditional({})).toMatchObject({ value: 'honoured', tone: 'good' })
})

it.each(['ignored', 'refused'] as const)('the weaker guarantee of one that has them %s is said plainly', (support) => {
  expect(conditional({ putIfMatch: support })).toMatchObject({ value: 'not honoured', tone: 'warning' })
  expect(conditional({ putIfMatch: support })?.detail).toContain('the later one wins')
})

it('what was never asked is not claimed either way', () => {
  expect(conditional({ putIfMatch: 'unknown' })).toMatchObject({ value: 'not known yet', tone: 'neutral' })
})

it('a clock that is off by minutes is reported with its direction', () => {
  const findings = capabilityFindings({ ...strong, clockSkewMs: -3_600_000 })
  expect(findings.at(-1)).toMatchObject({ label: 'Clock', value: '1 h ahead of the server' })
  expect(capabilityFindings({ ...strong, clockSkewMs: 4000 }).map((finding) => finding.label)).not.toContain('Clock')
})
