import { beforeEach, describe, expect, it } from 'vitest'
import type { Secret } from '../contracts/account.ts'
import type { Settings } from '../contracts/ipc.ts'
import type { ProxySettings } from '../contracts/proxy.ts'
import { proxyDesk, routeFrom } from './proxy-desk.ts'
import { defaultSettings } from './store-file.ts'

const manual: ProxySettings = { mode: 'manual', https: 'http://proxy.corp:3128', user: 'ana', bypass: ['lan'] }
const account = { endpoint: 'https://s3.example.org', region: 'eu-1' }

let settings: Settings
let kept: Map<string, Secret>
const asked: string[] = []

const desk = (environment: Record<string, string> = {}) =>
  proxyDesk({
    store: {
      settings: () => settings,
      setSettings: (next) => {
        settings = next
      },
      accounts: () => [],
    },
    secrets: {
      find: ({ id }) => Promise.resolve(kept.get(id)),
      save: (id, secret) => {
        kept.set(id, secret)
        return Promise.resolve()
      },
      remove: (id) => {
        kept.delete(id)
        return Promise.resolve(undefined)
      },
    },
    workers: { start: () => expect.fail('no worker is needed') },
    environment,
    resolveProxy: (url) => {
      asked.push(url)
      return Promise.resolve('PROXY desk.top:8080; DIRECT')
    },
  })

beforeEach(() => {
  settings = { ...defaultSettings }
  kept = new Map()
  asked.length = 0
})

describe('the way to a service', () => {
  it('is as the system says: the variables where there are any, else the desktop', async () => {
    expect(await desk({ https_proxy: 'http://x' }).routeTo(account)).toEqual({ kind: 'environment' })
    expect(asked).toEqual([])
    const by = 'http://desk.top:8080'
    expect(await desk().routeTo(account)).toEqual({ kind: 'proxy', http: by, https: by, bypass: [] })
    await desk().routeTo({ region: 'eu-central-1' })
    expect(asked).toEqual(['https://s3.example.org', 'https://s3.eu-central-1.amazonaws.com'])
  })

  it('is the one a person set, with the password that is kept', async () => {
    await desk().save({ proxy: manual, password: 'secret' })
    expect(JSON.stringify(settings)).not.toContain('secret')
    const { mode: _mode, ...shown } = manual
    expect(await desk({ HTTPS_PROXY: 'http://x' }).routeTo(account)).toEqual({
      kind: 'proxy',
      ...shown,
      password: 'secret',
    })
    await desk().save({ proxy: { mode: 'none' } })
    expect(await desk().routeTo(account)).toEqual({ kind: 'direct' })
    expect(kept.size).toBe(0)
  })
})

it('a stored password stays with its user and goes with it', async () => {
  await desk().save({ proxy: manual, password: 'secret' })
  await desk().save({ proxy: { ...manual, bypass: [] } })
  expect(await desk().routeTo(account)).toMatchObject({ password: 'secret' })
  await expect(desk().save({ proxy: { ...manual, user: 'ben' } })).rejects.toMatchObject({
    problem: { code: 'invalid-input' },
  })
  expect(settings.proxy).toMatchObject({ user: 'ana' })
  await desk().save({})
  expect(settings.proxy).toBeUndefined()
  expect(kept.size).toBe(0)
})

it.each([
  ['DIRECT', { kind: 'direct' }],
  ['', { kind: 'direct' }],
  ['SOCKS5 a:1; DIRECT', { kind: 'direct' }],
  ['SOCKS a:1; PROXY b:2', { kind: 'proxy', http: 'http://b:2', https: 'http://b:2', bypass: [] }],
  ['HTTPS b:2', { kind: 'proxy', http: 'https://b:2', https: 'https://b:2', bypass: [] }],
  ['DIRECT; PROXY b:2', { kind: 'direct' }],
])('the desktop’s “%s” is taken', (script, route) => expect(routeFrom(script)).toEqual(route))
