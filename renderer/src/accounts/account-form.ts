import type { Account, ProviderId, Secret } from '../../../contracts/account.ts'
import { endpointFrom, partOf, presetOf } from './provider-presets.ts'
import { t } from '../../../language/language.ts'

/** What stands in the form, as strings; an account is made of it only when nothing is missing. */
export type AccountForm = {
  id: string
  name: string
  provider: ProviderId
  endpointPart: string
  endpoint: string
  region: string
  addressing: Account['addressing']
  credentialKind: Account['credentials']['kind']
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  profile: string
  caFile: string
  /** The endpoint does not follow the provider's pattern: it is asked for in full. */
  hasOwnEndpoint: boolean
}

export type FormErrors = Partial<Record<keyof AccountForm, string>>

export function emptyAccountForm(provider: ProviderId): AccountForm {
  const preset = presetOf(provider)
  return {
    id: '',
    name: '',
    provider,
    endpointPart: '',
    endpoint: '',
    region: preset.region,
    addressing: preset.addressing,
    credentialKind: 'static',
    accessKeyId: '',
    secretAccessKey: '',
    sessionToken: '',
    profile: '',
    caFile: '',
    hasOwnEndpoint: false,
  }
}

/** Another provider: its region and addressing come with it, what the person typed of themselves stays. */
export function withProvider(form: AccountForm, provider: ProviderId): AccountForm {
  const preset = presetOf(provider)
  const { region, addressing } = preset
  return { ...form, provider, region, addressing, endpointPart: '', endpoint: '', hasOwnEndpoint: false }
}

export function formOf(account: Account): AccountForm {
  const { credentials } = account
  const template = presetOf(account.provider).template
  const part = template && account.endpoint !== undefined ? partOf(template.url, account.endpoint) : undefined
  return {
    ...emptyAccountForm(account.provider),
    id: account.id,
    name: account.name,
    endpointPart: part ?? '',
    endpoint: account.endpoint ?? '',
    region: account.region,
    addressing: account.addressing,
    credentialKind: credentials.kind,
    accessKeyId: credentials.kind === 'static' ? credentials.accessKeyId : '',
    profile: credentials.kind === 'profile' ? credentials.profile : '',
    caFile: account.caFile ?? '',
    hasOwnEndpoint: template !== undefined && account.endpoint !== undefined && part === undefined,
  }
}

function endpointOf(form: AccountForm): string | undefined {
  const preset = presetOf(form.provider)
  if (form.hasOwnEndpoint) return form.endpoint.trim()
  if (preset.template) return endpointFrom(preset.template.url, form.endpointPart.trim())
  if (preset.endpoint === null) return form.endpoint.trim() || undefined
  return form.endpoint.trim() || preset.endpoint
}

function regionOf(form: AccountForm): string {
  const preset = presetOf(form.provider)
  const isAsked = preset.template?.isRegion === true && !form.hasOwnEndpoint
  return isAsked ? form.endpointPart.trim() : form.region.trim()
}

export function accountOf(form: AccountForm): Account {
  const endpoint = endpointOf(form)
  const caFile = form.caFile.trim()
  return {
    id: form.id,
    name: form.name.trim() || suggestedName(form),
    provider: form.provider,
    ...(endpoint === undefined ? {} : { endpoint: withScheme(endpoint) }),
    region: regionOf(form),
    addressing: form.addressing,
    credentials: credentialsOf(form),
    ...(caFile === '' ? {} : { caFile }),
  }
}

export function suggestedName(form: AccountForm): string {
  return presetOf(form.provider).name
}

function withScheme(endpoint: string): string {
  return /^[a-z]+:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`
}

function credentialsOf(form: AccountForm): Account['credentials'] {
  switch (form.credentialKind) {
    case 'static':
      return { kind: 'static', accessKeyId: form.accessKeyId.trim() }
    case 'profile':
      return { kind: 'profile', profile: form.profile.trim() }
    case 'environment':
      return { kind: 'environment' }
    case 'anonymous':
      return { kind: 'anonymous' }
  }
}

/** Absent: nothing was typed, so the stored secret stays. */
export function secretOf(form: AccountForm): Secret | undefined {
  if (form.credentialKind !== 'static' || form.secretAccessKey === '') return undefined
  const sessionToken = form.sessionToken.trim()
  return { secretAccessKey: form.secretAccessKey.trim(), ...(sessionToken === '' ? {} : { sessionToken }) }
}

/** A stored key may stay only while the access key it belongs to does. */
export function keepsStoredSecret(form: AccountForm, stored: Account | undefined): boolean {
  return (
    stored?.credentials.kind === 'static' &&
    form.credentialKind === 'static' &&
    stored.credentials.accessKeyId === form.accessKeyId.trim()
  )
}

export function accountFormErrors(form: AccountForm, stored: Account | undefined): FormErrors {
  const errors: FormErrors = {}
  const preset = presetOf(form.provider)
  if (preset.template && !form.hasOwnEndpoint) {
    if (form.endpointPart.trim() === '')
      errors.endpointPart = t('accounts.enter', { label: t(preset.template.label).toLowerCase() })
    else if (!/^[A-Za-z0-9.-]+$/.test(form.endpointPart.trim()))
      errors.endpointPart = t('accounts.use-letters-digits-dots-and')
  } else {
    const endpoint = endpointOf(form)
    if (endpoint === '' || (endpoint === undefined && preset.endpoint === undefined))
      errors.endpoint = t('accounts.enter-the-address-of-the')
    else if (endpoint !== undefined && !isWebAddress(withScheme(endpoint)))
      errors.endpoint = t('accounts.enter-an-address-such-as')
  }
  if (regionOf(form) === '' && errors.endpointPart === undefined) errors.region = t('accounts.enter-a-region')
  if (form.credentialKind === 'profile' && form.profile.trim() === '') errors.profile = t('accounts.choose-a-profile')
  if (form.credentialKind === 'static') {
    if (form.accessKeyId.trim() === '') errors.accessKeyId = t('accounts.enter-the-access-key')
    if (form.secretAccessKey === '' && !keepsStoredSecret(form, stored))
      errors.secretAccessKey = t('accounts.enter-the-secret-key')
  }
  return errors
}

/** A browser's URL takes a name with spaces in it and writes them as %20; Node's, which main asks, takes none. */
function isWebAddress(text: string): boolean {
  try {
    const url = new URL(text)
    return (url.protocol === 'https:' || url.protocol === 'http:') && /^[^%]+$/.test(url.hostname)
  } catch {
    return false
  }
}
