/**
 * Connections by a proxy: a tunnel (CONNECT) for endpoints with TLS, so that the proxy sees names but no content; requests with a whole
 * address for those without, because proxies seldom let tunnels through to plain ports.
 */
import type https from 'node:https'
import type { SecureContext } from 'node:tls'
import { HttpsProxyAgent } from 'hpagent'
import type { ProxyServer } from './proxy-choice.ts'

/** In the shape of Node's own network errors; `proxy` is its name and port. Never holds a password. */
export class ProxyError extends Error {
  readonly code: 'PROXY_UNREACHABLE' | 'PROXY_UNAUTHORIZED' | 'PROXY_REFUSED'
  readonly proxy: string
  constructor(code: ProxyError['code'], proxy: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ProxyError'
    this.code = code
    this.proxy = proxy
  }
}

export const unauthorizedStatus = 407

/** What became of a request that did not get past the proxy. */
export function proxyErrorFrom(error: Error, { label }: ProxyServer): ProxyError {
  // hpagent's only words for an answer that is no tunnel.
  const status = /^Bad response: (\d+)$/.exec(error.message)?.[1]
  if (status === undefined) return new ProxyError('PROXY_UNREACHABLE', label, error.message)
  const code = Number(status) === unauthorizedStatus ? 'PROXY_UNAUTHORIZED' : 'PROXY_REFUSED'
  return new ProxyError(code, label, `the proxy answered HTTP ${status}`)
}

export function tunnelAgent(
  { url }: ProxyServer,
  options: https.AgentOptions,
  secureContext: SecureContext | undefined,
): https.Agent {
  // Its types leave out what a proxy with TLS of its own needs.
  const own: object = secureContext === undefined ? {} : { secureContext }
  return new HttpsProxyAgent({ ...options, ...own, proxy: url, proxyRequestOptions: own })
}

export type ForwardTarget = {
  hostname: string
  port?: number | undefined
  path: string
  headers: Record<string, string>
}

/** The options of a request that the proxy carries out itself. */
export function forwarded(
  { url }: ProxyServer,
  { hostname, port, path, headers }: ForwardTarget,
): { host: string; port: number; path: string; headers: Record<string, string> } {
  const authorization = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    path: `http://${hostname}${port === undefined ? '' : `:${port}`}${path}`,
    headers: {
      ...headers,
      ...(authorization === ':'
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(authorization).toString('base64')}` }),
    },
  }
}
