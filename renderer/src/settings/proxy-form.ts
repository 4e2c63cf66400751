/** A proxy as a person types it. */
import { proxyAddressSchema, type ProxySettings } from '../../../contracts/proxy.ts'
import { t } from '../../../language/language.ts'

export type ProxyForm = {
  mode: 'system' | ProxySettings['mode']
  https: string
  http: string
  user: string
  password: string
  bypass: string
}
export type ProxyErrors = Partial<Record<keyof ProxyForm, string>>

/** What is on this computer needs no proxy. */
const usualBypass = 'localhost, 127.0.0.1'

export function proxyFormOf(proxy: ProxySettings | undefined): ProxyForm {
  const empty = { https: '', http: '', user: '', password: '', bypass: usualBypass }
  if (proxy === undefined) return { mode: 'system', ...empty }
  if (proxy.mode === 'none') return { mode: 'none', ...empty }
  const { https = '', http = '', user = '', bypass } = proxy
  return { mode: 'manual', https, http: http === https ? '' : http, user, password: '', bypass: bypass.join(', ') }
}

/** Undefined: as the system says. */
export function proxyOf(form: ProxyForm): ProxySettings | undefined {
  if (form.mode === 'system') return undefined
  if (form.mode === 'none') return { mode: 'none' }
  const [https, user] = [addressTyped(form.https), form.user.trim()]
  const bypass = form.bypass.split(/[\s,;]+/).filter((name) => name !== '')
  const http = form.http.trim() === '' ? https : addressTyped(form.http)
  return { mode: 'manual', https, http, ...(user === '' ? {} : { user }), bypass }
}

/** A stored password is kept for the name it belongs to. */
export function keepsPassword(form: ProxyForm, stored: ProxySettings | undefined): boolean {
  return stored?.mode === 'manual' && stored.user !== undefined && stored.user === form.user.trim()
}

export function proxyErrors(form: ProxyForm, stored: ProxySettings | undefined): ProxyErrors {
  if (form.mode !== 'manual') return {}
  const errors: ProxyErrors = {}
  if (form.https.trim() === '') errors.https = t('settings.proxy.address.missing')
  for (const field of ['https', 'http'] as const) {
    if (form[field].trim() === '') continue
    if (form[field].includes('@')) errors[field] = t('settings.proxy.address.password')
    else if (!isAddress(form[field])) errors[field] = t('settings.proxy.address.invalid')
  }
  const hasUser = form.user.trim() !== ''
  if (hasUser && form.password === '' && !keepsPassword(form, stored))
    errors.password = t('settings.proxy.password.missing')
  if (!hasUser && form.password !== '') errors.user = t('settings.proxy.user.missing')
  return errors
}

function addressTyped(text: string): string {
  const address = text.trim()
  return /^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`
}

/** A browser's URL takes a name with spaces in it and writes them as %20; Node's, which main asks, takes none. */
function isAddress(text: string): boolean {
  const address = addressTyped(text)
  return proxyAddressSchema.safeParse(address).success && /^[^%]+$/.test(new URL(address).hostname)
}
