/** One request from arrival to log entry: who, what, may they, do it, and AWS's error for whatever goes wrong. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { authenticate } from './auth/authenticate.ts'
import { requirePermission } from './auth/permissions.ts'
import { S3Error, s3Error } from './errors.ts'
import { answerError, header, hostId, type Exchange, type ServerState } from './exchange.ts'
import type { Fault } from './options.ts'
import type { RequestLog } from './request-log.ts'
import { route, type Operation } from './router.ts'
import { parseTarget } from './target.ts'
import { placeOf } from './operations/versions.ts'

type Arrival = { request: IncomingMessage; response: ServerResponse; requestId: string; awaitsContinue: boolean }

export async function handle(server: ServerState, log: RequestLog, arrival: Omit<Arrival, 'requestId'>): Promise<void> {
  const { request, response } = arrival
  const requestId = randomBytes(8).toString('hex').toUpperCase()
  response.setHeader('x-amz-request-id', requestId)
  response.setHeader('x-amz-id-2', hostId(requestId))
  response.setHeader('Server', 'CloudMountDemo')
  response.setHeader('Date', new Date(server.nowMs()).toUTCString())
  const story: Story = { operation: undefined, exchange: undefined, errorCode: undefined }
  // When the answer is out or the client is gone, whichever is first.
  let isRecorded = false
  const recordOnce = (): void => {
    if (!isRecorded) record(server, log, { ...arrival, requestId }, story)
    isRecorded = true
  }
  response.once('finish', recordOnce).once('close', recordOnce)
  if (server.settings.latencyMs > 0) await delay(server.settings.latencyMs)
  try {
    await perform(server, { ...arrival, requestId }, story)
  } catch (error) {
    const known = error instanceof S3Error ? error : s3Error('InternalError', { cause: error })
    // A client that hangs up mid-body is not the server's fault.
    if (known.code === 'InternalError' && !request.destroyed)
      process.emitWarning(error instanceof Error ? error : String(error))
    story.errorCode = known.code
    answerError(story.exchange ?? { request, response, requestId, awaitsContinue: arrival.awaitsContinue }, known)
  }
}

type Story = { operation: Operation | undefined; exchange: Exchange | undefined; errorCode: string | undefined }

async function perform(server: ServerState, arrival: Arrival, story: Story): Promise<void> {
  const { request } = arrival
  const headerOf = (name: string): string | undefined => header({ request }, name)
  const method = request.method ?? 'GET'
  const target = parseTarget(request.url ?? '/', headerOf('host'))
  const operation = route(method, target, (name) => headerOf(name) !== undefined)
  story.operation = operation
  const fault = server.settings.faultRule?.({
    method,
    operation: operation.name,
    bucket: target.bucket,
    key: target.key,
  })
  if (fault) strike(fault, request)
  if (fault?.kind === 'hang') return
  const caller = authenticate({
    method,
    target,
    header: headerOf,
    headerNames: Object.keys(request.headers),
    users: server.settings.users,
    region: server.settings.region,
    nowMs: server.nowMs(),
  })
  const exchange: Exchange = {
    ...arrival,
    server,
    method,
    target,
    caller,
    receivedBytes: 0,
    sentBytes: 0,
    errorCode: undefined,
  }
  story.exchange = exchange
  authorise(exchange, operation)
  if (fault?.kind === 'error-after') await answerFalsely(exchange, operation, fault)
  else await operation.run(exchange)
}

function authorise({ server, target, caller }: Exchange, operation: Operation): void {
  const bucket = target.bucket === undefined ? undefined : server.storage.buckets.get(target.bucket)
  if (bucket) {
    requirePermission(caller.user, operation.permission, placeOf(bucket))
    return
  }
  // A name that may not be touched is refused before it is looked up.
  const place = target.bucket === undefined ? undefined : { name: target.bucket, anonymousRead: false }
  if (target.bucket !== undefined && operation.name !== 'CreateBucket' && caller.user) {
    requirePermission(caller.user, operation.permission, place)
    throw s3Error('NoSuchBucket', { fields: { BucketName: target.bucket } })
  }
  requirePermission(caller.user, operation.permission, place)
}

function strike(fault: Fault, request: IncomingMessage): void {
  if (fault.kind === 'error') throw new S3Error(fault.code, fault.status, { message: 'Injected by a fault rule.' })
  if (fault.kind === 'reset') request.socket.resetAndDestroy()
}

/** Does the work, but what the client hears is the fault: an answer that got lost on its way. */
async function answerFalsely(
  exchange: Exchange,
  operation: Operation,
  fault: Fault & { kind: 'error-after' },
): Promise<void> {
  const { response } = exchange
  const end = response.end.bind(response)
  const silenced = Object.assign(response, { end: () => response, write: () => true })
  await operation.run(exchange)
  Object.assign(silenced, { end })
  for (const name of ['Content-Length', 'ETag', 'Content-Type']) response.removeHeader(name)
  throw new S3Error(fault.code, fault.status, { message: 'Injected by a fault rule.' })
}

function record(
  server: ServerState,
  log: RequestLog,
  arrival: Arrival,
  { operation, exchange, errorCode }: Story,
): void {
  const { request, response, requestId } = arrival
  log.add({
    at: server.nowMs(),
    requestId,
    method: request.method ?? '',
    operation: operation?.name ?? 'Unknown',
    bucket: exchange?.target.bucket,
    key: exchange?.target.key,
    accessKeyId: exchange?.caller.user?.accessKeyId,
    status: response.statusCode,
    errorCode,
    receivedBytes: exchange?.receivedBytes ?? 0,
    sentBytes: exchange?.sentBytes ?? 0,
    range: header({ request }, 'range'),
  })
}
