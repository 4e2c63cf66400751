/**
 * The embedded S3 server: `startDemoServer` and the handle it gives. Small and honest: it verifies what AWS verifies and
 * decides conditions atomically, so that a client that passes here has reason to pass there; and it can be told to be
 * worse than it is. For the demo and the tests, never for keeping anything.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ServerState } from './exchange.ts'
import { handle } from './handle.ts'
import type { ConditionName, DemoServerOptions, DemoUser, FaultRule, Policy, Quirks, Settings } from './options.ts'
import { newBucketSettings } from './operations/buckets.ts'
import { RequestLog } from './request-log.ts'
import { openStorage, type Storage } from './storage/storage.ts'

export * from './options.ts'
export type { RequestLog } from './request-log.ts'

export type DemoServer = {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly endpoint: string
  readonly port: number
  /** What is stored, without the detour through HTTP. */
  readonly storage: Storage
  readonly requestLog: RequestLog
  setIgnores(names: readonly ConditionName[]): void
  setQuirks(quirks: Quirks): void
  setUsers(users: readonly DemoUser[]): void
  setPolicy(accessKeyId: string, policy: Policy): void
  setClockOffset(offsetMs: number): void
  setLatency(latencyMs: number): void
  setQuota(quotaBytes: number | undefined): void
  /** Asked for every request; undefined ends all faults. */
  setFaults(rule: FaultRule | undefined): void
  /** Cuts what is open; with a folder, everything acknowledged is kept. */
  stop(): Promise<void>
}

const MAX_HEADER_BYTES = 64 * 1024

export async function startDemoServer(options: DemoServerOptions): Promise<DemoServer> {
  const settings = initialSettings(options)
  const storage = await openStorage(options.directory)
  const state: ServerState = { storage, settings, nowMs: () => Date.now() + settings.clockOffsetMs }
  for (const bucket of options.buckets ?? []) {
    if (!storage.buckets.has(bucket.name)) {
      await storage.createBucket(bucket.name, newBucketSettings(state.nowMs(), bucket))
    }
  }
  const requestLog = new RequestLog()
  const server = listener(state, requestLog, options.tls)
  const host = options.host ?? '127.0.0.1'
  await listen(server, options.port ?? 0, host)
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `${options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    storage,
    requestLog,
    ...settersOf(settings),
    stop: () => stop(server, storage),
  }
}

function initialSettings(options: DemoServerOptions): Settings {
  return {
    users: options.users,
    region: options.region,
    ignores: new Set(options.ignores),
    quirks: options.quirks ?? {},
    clockOffsetMs: options.clockOffsetMs ?? 0,
    latencyMs: options.latencyMs ?? 0,
    quotaBytes: options.quotaBytes ?? Infinity,
    faultRule: undefined,
  }
}

function listener(state: ServerState, log: RequestLog, tls: DemoServerOptions['tls']): Server {
  const serverOptions = { noDelay: true, maxHeaderSize: MAX_HEADER_BYTES, highWaterMark: 256 * 1024 }
  const server: Server = tls ? createTlsServer({ ...serverOptions, ...tls }) : createServer(serverOptions)
  const onRequest = (awaitsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) =>
    void handle(state, log, { request, response, awaitsContinue })
  server.on('request', onRequest(false))
  server.on('checkContinue', onRequest(true))
  // A large upload may take its time, and a client's idle connections should outlive its pauses.
  server.requestTimeout = 0
  server.keepAliveTimeout = 120_000
  return server
}

function settersOf(settings: Settings): Omit<DemoServer, 'endpoint' | 'port' | 'storage' | 'requestLog' | 'stop'> {
  return {
    setIgnores: (names) => void (settings.ignores = new Set(names)),
    setQuirks: (quirks) => void (settings.quirks = quirks),
    setUsers: (users) => void (settings.users = users),
    setPolicy: (accessKeyId, policy) => {
      settings.users = settings.users.map((user) => (user.accessKeyId === accessKeyId ? { ...user, policy } : user))
    },
    setClockOffset: (offsetMs) => void (settings.clockOffsetMs = offsetMs),
    setLatency: (latencyMs) => void (settings.latencyMs = latencyMs),
    setQuota: (quotaBytes) => void (settings.quotaBytes = quotaBytes ?? Infinity),
    setFaults: (rule) => void (settings.faultRule = rule),
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function stop(server: Server, storage: Storage): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
  await storage.close()
}
