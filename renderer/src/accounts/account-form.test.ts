import { describe, expect, it } from 'vitest'
import type { Account } from '../../../contracts/account.ts'
import { accountSchema, providerIds } from '../../../contracts/account.ts'
import {
  accountFormErrors,
  accountOf,
  emptyAccountForm,
  formOf,
  keepsStoredSecret,
  secretOf,
  withProvider,
} from './account-form.ts'
import type { AccountForm } from './account-form.ts'
import { partOf, providerPresets } from './provider-presets.ts'

const keys = { accessKeyId: 'AK', secretAccessKey: 'SK' }

function filled(change: Partial<AccountForm> = {}): AccountForm {
  return { ...emptyAccountForm('aws'), ...keys, ...change }
}

it('every provider of the contract has a preset', () => {
  expect(providerPresets.map((preset) => preset.id)).toEqual([...providerIds])
})

it.each(providerIds)('%s: a filled form is a valid account, and reads back the same', (provider) => {
  const form = { ...withProvider(filled(), provider), endpointPart: 'eu-1', endpoint: '' }
  if (providerPresets.find((preset) => preset.id === provider)?.endpointPlaceholder) form.endpoint = 'https://s.test'
  expect(accountFormErrors(form, undefined)).toEqual({})
  const account = accountOf(form)
  expect(() => accountSchema.parse({ ...account, id: 'x' })).not.toThrow()
  expect(accountOf(formOf(account))).toEqual(account)
})

it.each(providerPresets)('$id asks for one thing besides the keys, at most', (preset) => {
  const asked = [preset.template, preset.endpointPlaceholder, preset.endpoint === null ? 'region' : undefined]
  expect(asked.filter((one) => one !== undefined)).toHaveLength(preset.id === 'google-cloud-storage' ? 0 : 1)
  // Nothing but that one thing and the keys is missing in an empty form.
  const errors = Object.keys(accountFormErrors(emptyAccountForm(preset.id), undefined))
  const places = errors.filter((field) => field !== 'accessKeyId' && field !== 'secretAccessKey')
  expect(places.length).toBeLessThanOrEqual(1)
})

describe('endpoints', () => {
  it('Amazon’s own needs none', () => expect(accountOf(filled())).not.toHaveProperty('endpoint'))
  it('a provider’s pattern takes one part, which is the region where it is', () => {
    const account = accountOf({ ...withProvider(filled(), 'backblaze-b2'), endpointPart: 'eu-central-003' })
    expect(account).toMatchObject({ endpoint: 'https://s3.eu-central-003.backblazeb2.com', region: 'eu-central-003' })
  })
  it('a bare host gets https', () => {
    expect(accountOf({ ...withProvider(filled(), 'minio'), endpoint: 'nas:9000' }).endpoint).toBe('https://nas:9000')
  })
  it('an endpoint outside the pattern is kept as it is', () => {
    const account: Account = {
      ...accountOf({ ...withProvider(filled(), 'wasabi'), endpointPart: 'x' }),
      endpoint: 'https://proxy.test',
    }
    expect(accountOf(formOf(account)).endpoint).toBe('https://proxy.test')
  })
  it('a part is read only from an address that follows the pattern', () => {
    expect(partOf('https://{}.a.com', 'https://x.a.com/')).toBe('x')
    expect(partOf('https://{}.a.com', 'https://x.b.com')).toBeUndefined()
    expect(partOf('https://{}.a.com', 'https://x/y.a.com')).toBeUndefined()
  })
})

describe('what is missing is said', () => {
  it.each<[string, Partial<AccountForm>, keyof AccountForm]>([
    ['no access key', { accessKeyId: ' ' }, 'accessKeyId'],
    ['no secret', { secretAccessKey: '' }, 'secretAccessKey'],
    ['no region', { region: '' }, 'region'],
    ['no address', { provider: 'other', endpoint: '' }, 'endpoint'],
    ['a wrong address', { provider: 'other', endpoint: 'ftp://x' }, 'endpoint'],
    ['no account part', { provider: 'cloudflare-r2' }, 'endpointPart'],
    ['a part with a slash', { provider: 'cloudflare-r2', endpointPart: 'a/b' }, 'endpointPart'],
    ['no profile', { credentialKind: 'profile' }, 'profile'],
  ])('%s', (_name, change, field) => {
    expect(Object.keys(accountFormErrors(filled(change), undefined))).toEqual([field])
  })
  it('public buckets need no keys', () => {
    const form = filled({ credentialKind: 'anonymous', accessKeyId: '', secretAccessKey: '' })
    expect(accountFormErrors(form, undefined)).toEqual({})
  })
})

describe('a stored secret', () => {
  const stored = accountOf(filled())
  it('is never in the form', () => expect(formOf(stored).secretAccessKey).toBe(''))
  it('is kept when nothing is typed', () => {
    expect(accountFormErrors(formOf(stored), stored)).toEqual({})
    expect(secretOf(formOf(stored))).toBeUndefined()
  })
  it('is not kept for another access key', () => {
    const form = { ...formOf(stored), accessKeyId: 'OTHER' }
    expect(keepsStoredSecret(form, stored)).toBe(false)
    expect(accountFormErrors(form, stored)).toHaveProperty('secretAccessKey')
  })
  it('is replaced when one is typed, with its session token', () => {
    expect(secretOf(filled({ sessionToken: 'T' }))).toEqual({ secretAccessKey: 'SK', sessionToken: 'T' })
  })
})
