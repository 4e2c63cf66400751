import { describe, expect, it } from 'vitest'
import { proxySettingsSchema, type ProxySettings } from '../../../contracts/proxy.ts'
import { keepsPassword, proxyErrors, proxyFormOf, proxyOf, type ProxyForm } from './proxy-form.ts'

const manual: ProxySettings = {
  mode: 'manual',
  https: 'http://proxy.corp:3128',
  http: 'http://proxy.corp:3128',
  user: 'ana',
  bypass: ['localhost', '10.0.0.0/8'],
}
const typed = (part: Partial<ProxyForm>): ProxyForm => ({ ...proxyFormOf(undefined), mode: 'manual', ...part })

describe('a proxy in a form', () => {
  it.each([undefined, { mode: 'none' } as const, manual])('comes back as it was: %j', (proxy) => {
    expect(proxyOf(proxyFormOf(proxy))).toEqual(proxy)
  })

  it('is understood without its protocol, for both kinds of endpoints, with names in any order', () => {
    const proxy = proxyOf(typed({ https: ' proxy.corp:3128 ', bypass: 'lan;  .home\n10.0.0.0/8,' }))
    expect(proxy).toEqual({
      mode: 'manual',
      https: 'http://proxy.corp:3128',
      http: 'http://proxy.corp:3128',
      bypass: ['lan', '.home', '10.0.0.0/8'],
    })
    expect(proxySettingsSchema.safeParse(proxy).success).toBe(true)
    expect(proxyOf(typed({ https: 'a', http: 'https://b:8' }))).toMatchObject({ http: 'https://b:8' })
  })

  it.each<[Partial<ProxyForm>, (keyof ProxyForm)[]]>([
    [{ https: '' }, ['https']],
    [{ https: 'proxy:3128' }, []],
    [{ https: 'socks5://proxy' }, ['https']],
    [{ https: 'not an address' }, ['https']],
    [{ https: 'http://ana:secret@proxy' }, ['https']],
    [{ https: 'proxy', http: 'ftp://x' }, ['http']],
    [{ https: 'proxy', user: 'ana' }, ['password']],
    [{ https: 'proxy', user: 'ana', password: 'x' }, []],
    [{ https: 'proxy', password: 'x' }, ['user']],
    [{ mode: 'none', https: '' }, []],
  ])('%j: %j is wrong', (part, fields) => {
    expect(Object.keys(proxyErrors(typed(part), undefined))).toEqual(fields)
  })

  it('keeps a stored password for its own name only, and never holds it', () => {
    const form = proxyFormOf(manual)
    expect(form.password).toBe('')
    expect(proxyErrors(form, manual)).toEqual({})
    expect(keepsPassword({ ...form, user: 'ben' }, manual)).toBe(false)
    expect(proxyErrors({ ...form, user: 'ben' }, manual)).toHaveProperty('password')
  })
})
