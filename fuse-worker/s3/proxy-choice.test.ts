import { describe, expect, it } from 'vitest'
import type { ProxyRoute } from '../../contracts/proxy.ts'
import { isBypassed, proxyFor } from './proxy-choice.ts'

const target = (address: string) => {
  const { protocol, hostname, port } = new URL(address)
  return { protocol, hostname, port: port === '' ? undefined : Number(port) }
}

describe('a name that is reached without the proxy', () => {
  it.each<[string, string, boolean]>([
    ['https://s3.example.com', 'example.com', true],
    ['https://s3.example.com', '.example.com', true],
    ['https://s3.example.com', '*.example.com', true],
    ['https://example.com', 'example.com', true],
    ['https://badexample.com', 'example.com', false],
    ['https://S3.Example.com.', 'EXAMPLE.com', true],
    ['https://s3.example.com', 's3.example.com:443', true],
    ['https://s3.example.com', 's3.example.com:80', false],
    ['http://s3.example.com:9000', 'example.com:9000', true],
    ['https://anything.org', '*', true],
    ['https://anything.org', '', false],
    ['http://nas:9000', '<local>', true],
    ['http://nas.lan:9000', '<local>', false],
    ['http://10.1.2.3:9000', '10.0.0.0/8', true],
    ['http://11.1.2.3:9000', '10.0.0.0/8', false],
    ['http://[fd00::5]:9000', 'fd00::/8', true],
    ['http://[::1]:9000', '::1', true],
    ['http://[::1]:9000', '[::1]:9000', true],
    ['http://10.1.2.3', '2.3', false],
    ['http://10.1.2.3', '10.0.0.0/99', false],
    ['http://10.1.2.3', 'rubbish/8', false],
  ])('%s with “%s”: %s', (address, pattern, isIt) => {
    expect(isBypassed(target(address), [pattern])).toBe(isIt)
    expect(isBypassed(target(address), ['other.org', pattern])).toBe(isIt)
  })
})

describe('the proxy of a request', () => {
  const manual: ProxyRoute = {
    kind: 'proxy',
    https: 'http://secure.proxy:3128',
    http: 'http://plain.proxy',
    user: 'ana@corp',
    password: 'p@ss:word/',
    bypass: ['lan'],
  }
  it('is that of its protocol, with the name and the password the person gave', () => {
    const secure = proxyFor(target('https://s3.example.com'), manual, {})
    expect(secure?.label).toBe('secure.proxy:3128')
    expect([secure?.url.username, secure?.url.password].map((one) => decodeURIComponent(one ?? ''))).toEqual([
      'ana@corp',
      'p@ss:word/',
    ])
    expect(proxyFor(target('http://s3.example.com'), manual, {})?.label).toBe('plain.proxy')
    expect(proxyFor(target('http://nas.lan'), manual, {})).toBeUndefined()
    expect(proxyFor(target('https://s3.example.com'), { kind: 'proxy', bypass: [] }, {})).toBeUndefined()
    expect(proxyFor(target('https://x.org'), { kind: 'direct' }, { HTTPS_PROXY: 'http://p' })).toBeUndefined()
  })

  it.each<[string, Record<string, string>, string | undefined]>([
    ['https://x.org', { HTTPS_PROXY: 'http://a:1' }, 'a:1'],
    ['https://x.org', { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2' }, 'b:2'],
    ['https://x.org', { https_proxy: '', HTTPS_PROXY: 'http://a:1' }, undefined],
    ['https://x.org', { HTTP_PROXY: 'http://a:1' }, undefined],
    ['http://x.org', { HTTP_PROXY: 'a:1' }, 'a:1'],
    ['http://x.org', { ALL_PROXY: 'http://a:1' }, 'a:1'],
    ['http://x.org', { ALL_PROXY: 'socks5://a:1' }, undefined],
    ['https://x.org', { HTTPS_PROXY: 'http://a:1', NO_PROXY: 'y.org, x.org' }, undefined],
    ['https://127.0.0.1:9', { HTTPS_PROXY: 'http://a:1' }, undefined],
    ['http://localhost:9', { HTTP_PROXY: 'http://a:1' }, undefined],
    ['http://[::1]:9', { HTTP_PROXY: 'http://a:1' }, undefined],
    ['https://x.org', { HTTPS_PROXY: 'not an address' }, undefined],
    ['https://x.org', {}, undefined],
  ])('%s in %j: %s', (address, environment, label) => {
    expect(proxyFor(target(address), { kind: 'environment' }, environment)?.label).toBe(label)
  })

  it('has a label without its name and password', () => {
    const environment = { HTTPS_PROXY: 'http://ana:secret@proxy:1' }
    expect(proxyFor(target('https://x.org'), { kind: 'environment' }, environment)).toMatchObject({ label: 'proxy:1' })
  })
})
