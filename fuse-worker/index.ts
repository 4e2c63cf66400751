/**
 * The worker's entry: takes requests from its host, one drive at most, and answers each of them once. A worker whose host
 * is gone finishes what it can, unmounts and ends.
 */
import type { AccountTestProgress } from '../contracts/account.ts'
import { usualLogLevel, type LogLevel } from '../contracts/diagnostics.ts'
import { ProblemError, problemFrom, type Problem } from '../contracts/problem.ts'
import {
  hostMessageSchema,
  languageArgument,
  workerRequests,
  type DriveEvent,
  type WorkerParams,
  type WorkerRequestName,
  type WorkerResult,
} from '../contracts/worker-protocol.ts'
import { t, useLanguage } from '../language/language.ts'
import { conflictHandlers } from './conflicts/handlers.ts'
import { fileHandlers } from './files/handlers.ts'
import { findHostPort } from './host-port.ts'
import { keepHeapSmall } from './runtime/heap.ts'
import { sealCache, tryCachePlace } from './metadata/cache-places.ts'
import { MountedDrive, whenFree } from './mounted-drive.ts'
import { createLog } from './runtime/log.ts'
import { testAccount } from './s3/account-test.ts'
import { testProxy } from './s3/proxy-test.ts'
import { StoreError } from './s3/store.ts'

type Handlers = { [N in WorkerRequestName]: (params: WorkerParams<N>) => Promise<WorkerResult<N>> }

const abandonedDrainMs = 8_000
const damagedExitCode = 71
/** For the message to leave this process. */
const lastWordsMs = 100
keepHeapSmall()
useLanguage(process.argv.find((word) => word.startsWith(languageArgument))?.slice(languageArgument.length) ?? 'en')
let logLevel: LogLevel = usualLogLevel
const log = createLog((line) => process.stderr.write(line), { level: () => logLevel })
const port = findHostPort()
let drive: MountedDrive | undefined
let sequence = 0
let accountTest: AbortController | undefined

const emit = (event: DriveEvent): void => port.post({ type: 'event', sequence: ++sequence, event })

function mounted(): MountedDrive {
  if (drive !== undefined) return drive
  throw new ProblemError({ code: 'not-found', message: t('worker.no-drive') })
}

const handlers: Handlers = {
  'drive:mount': async (params) => {
    if (drive !== undefined) throw new ProblemError({ code: 'drive-in-use', message: t('worker.has-drive') })
    logLevel = params.logLevel ?? usualLogLevel
    const opened = await MountedDrive.mount(params, emit, log, endDamaged)
    drive = opened.drive
    return opened.result
  },
  'drive:unmount': async (params) => {
    const result = await mounted().unmount(params)
    drive = undefined
    return result
  },
  'drive:snapshot': () => Promise.resolve({ sequence, status: mounted().status, transfers: mounted().transfers.all() }),
  'drive:limit': (limits) => {
    mounted().limitTransfers(limits)
    return Promise.resolve({})
  },
  'drive:pause': (pause) => {
    mounted().pause.begin(pause)
    return Promise.resolve({})
  },
  'drive:resume': () => {
    mounted().pause.end()
    return Promise.resolve({})
  },
  'drive:sync': async ({ deadlineMs }) => ({ pendingOperations: await mounted().sync(deadlineMs) }),
  'drive:configure': ({ cacheLimitBytes, conflictPolicy = 'ask', conflictRules = [], storageClass, encryption }) => {
    mounted().limitCache(cacheLimitBytes)
    mounted().keepNewObjects({ storageClass, encryption })
    mounted().conflicts.configure({ policy: conflictPolicy, rules: conflictRules })
    return Promise.resolve({})
  },
  'cache:try': async ({ directory }) => {
    tryCachePlace(directory)
    return {}
  },
  'cache:seal': async ({ directory }) => {
    await whenFree(() => sealCache(directory))
    return {}
  },
  'log:level': ({ level }) => {
    logLevel = level
    return Promise.resolve({})
  },
  'language:use': ({ language }) => {
    useLanguage(language)
    return Promise.resolve({})
  },
  'drive:credentials': ({ account, secret }) => {
    mounted().useCredentials(account, secret)
    return Promise.resolve({})
  },
  'drive:proxy': ({ proxy }) => {
    mounted().useProxy(proxy)
    return Promise.resolve({})
  },
  'network:changed': () => {
    mounted().tryNow()
    return Promise.resolve({})
  },
  'transfer:retry': ({ transferId }) => {
    mounted().transfers.retry(transferId)
    return Promise.resolve({})
  },
  'transfer:prioritize': ({ transferId }) => {
    mounted().transfers.prioritize(transferId)
    return Promise.resolve({})
  },
  'transfer:pause': async ({ transferId }) => {
    await mounted().transfers.pause(transferId)
    return {}
  },
  'transfer:cancel': async ({ transferId }) => {
    await mounted().transfers.cancel(transferId)
    return {}
  },
  'pin:list': () => Promise.resolve({ pins: mounted().pins.list() }),
  'pin:add': async ({ path }) => {
    await mounted().pins.add(path)
    return { pins: mounted().pins.list() }
  },
  'pin:remove': async ({ path }) => {
    await mounted().pins.remove(path)
    return { pins: mounted().pins.list() }
  },
  'transfer:discard': async ({ transferId }) => {
    await mounted().transfers.discard(transferId)
    return {}
  },
  ...conflictHandlers(() => mounted().conflicts),
  'version:list': ({ path }) => mounted().versions.list(path),
  'version:preview': ({ atMostBytes, ...of }) => mounted().versions.preview(of, atMostBytes),
  'version:save': async ({ target, ...of }) => {
    await mounted().versions.save(of, target)
    return {}
  },
  'version:restore': async ({ currentEtag, ...of }) => ({
    outcome: await mounted().versions.restore(of, currentEtag),
  }),
  'version:deleted': ({ path, after }) => mounted().versions.deleted(path, after),
  'version:undelete': async ({ files }) => ({ outcomes: await mounted().versions.undelete(files) }),
  ...fileHandlers(() => mounted()),
  'account:test': (params) => {
    accountTest = new AbortController()
    const onStep = (step: AccountTestProgress) => emit({ kind: 'account:stepped', step })
    return testAccount({ ...params, signal: accountTest.signal, onStep })
  },
  'account:stop': () => {
    accountTest?.abort()
    return Promise.resolve({})
  },
  'proxy:test': async ({ proxy, endpoint }) => {
    const problem = await testProxy(proxy, endpoint)
    return problem === undefined ? {} : { problem }
  },
}

async function answer(requestId: number, name: WorkerRequestName, raw: unknown): Promise<void> {
  try {
    const params = workerRequests[name].params.safeParse(raw)
    if (!params.success) throw new ProblemError({ code: 'invalid-input', message: `${name}: ${params.error.message}` })
    const handle = handlers[name] as (params: unknown) => Promise<unknown>
    const result = await handle(params.data)
    port.post({ type: 'reply', requestId, ok: true, result })
  } catch (error) {
    const problem = problemFrom(problemOfStoreError(error))
    if (problem.code === 'internal') log.error(`${name} failed`, error)
    port.post({ type: 'reply', requestId, ok: false, problem })
  }
}

/** Nothing can be relied on any more but what is on the disk: the host starts another worker, which puts it right. */
function endDamaged(problem: Problem): void {
  log.error('the database is damaged', problem.detail)
  emit({ kind: 'notice:raised', problem })
  setTimeout(() => process.exit(damagedExitCode), lastWordsMs)
}

async function leave(): Promise<void> {
  log.warn('the host is gone; unmounting')
  try {
    const pending = drive?.pause.isOn === true ? 'leave' : 'wait'
    await drive?.unmount({ pending, deadlineMs: abandonedDrainMs, isForced: true })
  } catch (error) {
    log.error('unmounting failed', error)
  }
  process.exit(0)
}

port.onMessage((raw) => {
  const message = hostMessageSchema.safeParse(raw)
  if (message.success) void answer(message.data.requestId, message.data.name, message.data.params)
  else log.warn('a message of the host was not understood', { explanation: message.error.message })
})
port.onClose(() => void leave())
// A terminal's Ctrl-C goes to the whole group; it is the host that decides what to do about it.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void leave())
process.on('uncaughtException', (error) => {
  log.error('uncaught', error)
  process.exit(70)
})
process.on('unhandledRejection', (error) => log.error('unhandled rejection', error))
port.post({ type: 'ready' })

function problemOfStoreError(error: unknown): unknown {
  return error instanceof StoreError ? new ProblemError(error.problem, { cause: error }) : error
}
