/**
 * `cloudmount://window/…`: the window's own files, and nothing else. A scheme of our own instead of `file:` because it
 * has one origin, sends the content policy as a header, and cannot reach any other file.
 */
import { protocol } from 'electron'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { isInside } from './mountpoint-rules.ts'

const scheme = 'cloudmount'
export const pageOrigin = `${scheme}://window`
export const pageUrl = `${pageOrigin}/index.html`

/** Style attributes are what the components' positioning needs; scripts come from our files only. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/** Before the application is ready, or the scheme has no origin. */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }])
}

export function servePage(directory: string): void {
  protocol.handle(scheme, (request) => pageResponse(request, directory))
}

export async function pageResponse(request: Pick<Request, 'method' | 'url'>, directory: string): Promise<Response> {
  const path = pagePath(request.url, directory)
  const type = path && contentTypes[extname(path)]
  if (request.method !== 'GET' || !type) return new Response('not found', { status: 404 })
  try {
    const body = new Uint8Array(await readFile(path))
    const headers = {
      'content-type': type,
      'content-security-policy': contentPolicy,
      'x-content-type-options': 'nosniff',
    }
    return new Response(body, { headers })
  } catch {
    return new Response('not found', { status: 404 })
  }
}

function pagePath(address: string, directory: string): string | undefined {
  try {
    const url = new URL(address)
    if (url.host !== 'window') return undefined
    const path = join(directory, decodeURIComponent(url.pathname))
    return isInside(path, directory) ? path : undefined
  } catch {
    return undefined
  }
}
