/** Which proxy a request goes by, if any: as the person set it, or as the environment says, in the ways curl and Go read it. Pure. */
import { BlockList, isIP } from 'node:net'
import type { ProxyRoute } from '../../contracts/proxy.ts'

export type ProxyTarget = { protocol: string; hostname: string; port?: number | undefined }

/** `url` holds the name and the password: for nobody's eyes. `label` is for a person. */
export type ProxyServer = { url: URL; label: string }

type Environment = Readonly<Record<string, string | undefined>>

export function proxyFor(target: ProxyTarget, route: ProxyRoute, environment: Environment): ProxyServer | undefined {
  switch (route.kind) {
    case 'direct':
      return undefined
    case 'environment':
      return fromEnvironment(target, environment)
    case 'proxy': {
      const address = isTls(target) ? route.https : route.http
      if (address === undefined || isBypassed(target, route.bypass)) return undefined
      const url = new URL(address)
      if (route.user !== undefined) {
        url.username = encodeURIComponent(route.user)
        url.password = encodeURIComponent(route.password ?? '')
      }
      return serverAt(url)
    }
  }
}

function fromEnvironment(target: ProxyTarget, environment: Environment): ProxyServer | undefined {
  const valueOf = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? ''
  const text = valueOf(isTls(target) ? 'HTTPS_PROXY' : 'HTTP_PROXY') || valueOf('ALL_PROXY')
  if (text === '' || isLoopback(target.hostname)) return undefined
  if (isBypassed(target, valueOf('NO_PROXY').split(/[\s,]+/))) return undefined
  const url = parsed(text.includes('://') ? text : `http://${text}`)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? serverAt(url) : undefined
}

const isTls = ({ protocol }: ProxyTarget): boolean => protocol === 'https:'

function serverAt(url: URL): ProxyServer {
  return { url, label: url.port === '' ? url.hostname : `${url.hostname}:${url.port}` }
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function isLoopback(hostname: string): boolean {
  const host = bare(hostname)
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (isIP(host) === 4 && /^127\./.test(host))
  )
}

/** `example.com` and `.example.com` stand for the name and all below it, `*` for every name, `10.0.0.0/8` for a network. */
export function isBypassed({ protocol, hostname, port }: ProxyTarget, patterns: readonly string[]): boolean {
  const host = bare(hostname)
  const usualPort = protocol === 'https:' ? 443 : 80
  return patterns.some((written) => {
    const pattern = written.trim().toLowerCase()
    if (pattern === '*') return true
    if (pattern === '<local>') return !host.includes('.') && isIP(host) === 0
    if (pattern.includes('/')) return isInNetwork(host, pattern)
    // The colons of an address of version 6 are no port.
    const [name = '', ownPort] = isIP(bare(pattern)) === 6 ? [bare(pattern)] : pattern.split(/:(?=\d+$)/)
    if (ownPort !== undefined && Number(ownPort) !== (port ?? usualPort)) return false
    const wanted = bare(name.replace(/^\*?\./, ''))
    return wanted !== '' && (host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`)))
  })
}

function isInNetwork(host: string, pattern: string): boolean {
  const [address = '', bits] = pattern.split('/')
  const [family, of] = [isIP(address), isIP(host)]
  if (family === 0 || family !== of || !/^\d{1,3}$/.test(bits ?? '') || Number(bits) > (family === 4 ? 32 : 128))
    return false
  const network = new BlockList()
  const type = family === 4 ? 'ipv4' : 'ipv6'
  network.addSubnet(address, Number(bits), type)
  return network.check(host, type)
}

const bare = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
