/**
 * One request and its answer, as the operations see it. Answers leave through here only, so that every one carries request
 * ids and is counted, and every refusal is AWS's error document.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from './auth/authenticate.ts'
import { type S3Error, s3Error } from './errors.ts'
import type { Settings } from './options.ts'
import { contentView, readContent, releaseContent, retainContent, sizeOf, type Content } from './storage/blobs.ts'
import type { Bucket } from './storage/bucket.ts'
import type { Storage } from './storage/storage.ts'
import type { Target } from './target.ts'
import { element, xmlDocument } from './xml.ts'

export type ServerState = { storage: Storage; settings: Settings; nowMs: () => number }

export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: ServerState
  readonly requestId: string
  readonly method: string
  readonly target: Target
  readonly caller: Caller
  /** The client waits for 100 Continue before it sends the body. */
  awaitsContinue: boolean
  receivedBytes: number
  sentBytes: number
  errorCode: string | undefined
}

export type AnswerHeaders = Record<string, string | number | undefined>

export function header(exchange: Pick<Exchange, 'request'>, name: string): string | undefined {
  const value = exchange.request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

export function query(exchange: Exchange, name: string): string | undefined {
  return exchange.target.query.get(name)
}

export function bucketOf(exchange: Exchange): Bucket {
  return exchange.server.storage.bucket(exchange.target.bucket ?? '')
}

export function keyOf(exchange: Exchange): string {
  const { key } = exchange.target
  if (key === undefined) throw s3Error('MethodNotAllowed')
  return key
}

/** A whole number between the bounds; what is above the upper one counts as it. */
export function numberParameter(
  exchange: Exchange,
  name: string,
  fallback: number,
  lowest: number,
  highest: number,
): number {
  const text = query(exchange, name)
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || value < lowest) {
    throw s3Error('InvalidArgument', {
      message: `Provided ${name} not an integer or within integer range`,
      fields: { ArgumentName: name, ArgumentValue: text },
    })
  }
  return Math.min(value, highest)
}

function start(exchange: Exchange, status: number, headers: AnswerHeaders): void {
  const { response } = exchange
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
}

export function answer(exchange: Exchange, status: number, headers: AnswerHeaders = {}): void {
  // A HEAD answer says the length of what it leaves out.
  const hasLength = headers['Content-Length'] !== undefined || status === 204 || status === 304
  start(exchange, status, hasLength ? headers : { ...headers, 'Content-Length': 0 })
  exchange.response.end()
}

export function answerXml(exchange: Exchange, root: string, inner: string, headers: AnswerHeaders = {}): void {
  const body = Buffer.from(xmlDocument(root, inner))
  start(exchange, 200, { 'Content-Type': 'application/xml', 'Content-Length': body.length, ...headers })
  exchange.sentBytes = body.length
  exchange.response.end(body)
}

/** Backpressure all the way: at most one piece is held. Content is retained until the last byte has been handed over. */
export async function answerContent(
  exchange: Exchange,
  status: number,
  headers: AnswerHeaders,
  content: Content,
): Promise<void> {
  const { response } = exchange
  start(exchange, status, { ...headers, 'Content-Length': sizeOf(content) })
  const whole = contentView(content)
  if (whole) {
    exchange.sentBytes = whole.length
    response.end(whole)
    return
  }
  retainContent(content)
  try {
    for await (const piece of readContent(content)) {
      if (response.destroyed) return
      exchange.sentBytes += piece.length
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')])
    }
    response.end()
  } finally {
    releaseContent(content)
  }
}

export function answerError(
  exchange: Pick<Exchange, 'request' | 'response' | 'requestId'> & Partial<Exchange>,
  error: S3Error,
): void {
  const { response, request, requestId } = exchange
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  exchange.errorCode = error.code
  const fields = Object.entries(error.fields).map(([name, value]) => element(name, value))
  const inner = [
    element('Code', error.code),
    element('Message', error.message),
    ...fields,
    element('Resource', exchange.target?.rawPath ?? request.url ?? ''),
    element('RequestId', requestId),
    element('HostId', hostId(requestId)),
  ]
  const body = Buffer.from(xmlDocument('Error', inner.join(''), false))
  const isBodyless = request.method === 'HEAD' || error.status === 304
  response.statusCode = error.status
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value)
  // The client may or may not send the body it announced: only a new connection is sure to begin with a request.
  if (exchange.awaitsContinue === true) response.setHeader('Connection', 'close')
  if (isBodyless) {
    response.end()
    return
  }
  response.setHeader('Content-Type', 'application/xml')
  response.setHeader('Content-Length', body.length)
  response.end(body)
}

export function hostId(requestId: string): string {
  return Buffer.from(`demo-server/${requestId}`).toString('base64')
}

export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
