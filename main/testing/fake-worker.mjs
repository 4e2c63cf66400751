/**
 * A worker without a filesystem: speaks the worker protocol over Electron's parentPort or Node's IPC, and misbehaves
 * when told to through `transfer:retry`: `crash`, `hang` (the event loop stops), `silent` (answers nothing more), `skip`
 * (leaves out sequence numbers), `detach`, `offline`, `online`, `notice`, `dirty` (has unsynced bytes), `finish` (a transfer). The bucket
 * `refuse` cannot be mounted, `crash-at-start` crashes the process. The drive named `busy` is in use until forced.
 */
import { appendFileSync, existsSync } from 'node:fs'

const parentPort = process.parentPort
const post = (message) => (parentPort ? parentPort.postMessage(message) : process.send(message))
const onMessage = (listener) =>
  parentPort ? parentPort.on('message', ({ data }) => listener(data)) : process.on('message', listener)
if (!parentPort) process.on('disconnect', () => process.exit(0))

let sequence = 0
let isSilent = false
let drive
let secret
let transfers = []
let stopTest = () => undefined
let connection = 'online'
let pending = { pendingOperations: 0, unsyncedBytes: 0 }

const status = () => ({
  connection,
  ...pending,
  pinnedBytes: 0,
  evictableBytes: 0,
  cachedBytes: 0,
  unsentBytes: 0,
  uploadBytesPerSecond: 0,
  downloadBytesPerSecond: 0,
  operationsPerSecond: 0,
  pausedOperations: 0,
  needsAttention: 0,
  conflicts: 0,
  hasConditionalWrites: true,
})
const emit = (event) => post({ type: 'event', sequence: ++sequence, event })
const problem = (code, message) => Object.assign(new Error(message), { problem: { code, message } })
/** What a test wants to know of the outside: one line a fact, beside the cache. */
const note = (line) => appendFileSync(`${drive.cacheDirectory}.notes`, `${line}\n`)

const misdeeds = {
  crash: () => process.kill(process.pid, 'SIGKILL'),
  hang: () => {
    // Sleeps without an event loop, and without using the processor.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  },
  silent: () => {
    isSilent = true
  },
  skip: () => {
    pending = { pendingOperations: 7, unsyncedBytes: 700 }
    sequence += 3
    emit({ kind: 'notice:raised', problem: { code: 'internal', message: 'after the gap' } })
  },
  detach: () => emit({ kind: 'drive:detached' }),
  notice: () => emit({ kind: 'notice:raised', problem: { code: 'disk-full', message: 'the disk is full' } }),
  offline: () => connect('offline'),
  online: () => connect('online'),
  dirty: () => {
    pending = { pendingOperations: 2, unsyncedBytes: 2048 }
    transfers = [transfer('1', { state: 'running', bytesPerSecond: 1024 })]
    emit({ kind: 'status:changed', status: status() })
    emit({ kind: 'transfers:changed', transfers })
  },
  finish: () => {
    transfers = []
    emit({ kind: 'transfers:changed', transfers: [transfer('1', { state: 'done', finishedAt: 1 })] })
  },
}

function connect(to) {
  connection = to
  emit({ kind: 'status:changed', status: status() })
}

function transfer(id, state) {
  const base = { id, driveId: drive.drive.id, kind: 'upload', path: `${id}.txt`, sizeBytes: 2048, doneBytes: 0 }
  return { ...base, attempts: 1, queuedAt: 1, status: state }
}

const handlers = {
  'drive:mount': (params) => {
    drive = params
    secret = params.secret
    if (params.drive.bucket === 'crash-at-start') process.exit(3)
    if (params.drive.bucket === 'refuse') throw problem('bucket-unknown', 'There is no such bucket.')
    note(`mounted with ${secret.secretAccessKey}`)
    emit({ kind: 'status:changed', status: status() })
    return { mountpoint: params.drive.mountpoint }
  },
  'drive:unmount': ({ pending: how, isForced }) => {
    if (drive.drive.name === 'busy' && !isForced) throw problem('drive-busy', 'A program uses the drive.')
    if (how === 'wait') pending = { pendingOperations: 0, unsyncedBytes: 0 }
    note('unmounted')
    return pending
  },
  'drive:snapshot': () => ({ sequence, status: status(), transfers }),
  'drive:sync': () => {
    pending = { pendingOperations: 0, unsyncedBytes: 0 }
    transfers = []
    emit({ kind: 'status:changed', status: status() })
    return { pendingOperations: 0 }
  },
  'drive:configure': ({ cacheLimitBytes }) => {
    note(`cache limit ${cacheLimitBytes ?? 'none'}`)
    return {}
  },
  'drive:credentials': (params) => {
    note(`credentials ${params.secret.secretAccessKey}`)
    return {}
  },
  'transfer:retry': ({ transferId }) => {
    misdeeds[transferId]?.()
    return {}
  },
  'network:changed': () => {
    note('network changed')
    return {}
  },
  'transfer:cancel': () => ({}),
  'cache:try': ({ directory }) => {
    if (directory.includes('unusable')) throw problem('cache-unusable', 'Caches cannot be kept there.')
    return {}
  },
  'cache:seal': ({ directory }) => {
    if (existsSync(`${directory}/held`)) throw problem('drive-in-use', 'The cache is still in use.')
    return {}
  },
  'account:test': ({ account, secret: given, bucket }) => {
    emit({ kind: 'account:stepped', step: { id: 'signed', outcome: 'running' } })
    const step = { id: 'signed', outcome: given.secretAccessKey ? 'passed' : 'failed', summary: account.name }
    emit({ kind: 'account:stepped', step })
    const result = { steps: [step], buckets: ['photos'] }
    // Takes until it is told to stop.
    return bucket === 'endless' ? new Promise((resolve) => (stopTest = () => resolve(result))) : result
  },
  'account:stop': () => {
    stopTest()
    return {}
  },
}

onMessage(async ({ requestId, name, params }) => {
  try {
    const result = await handlers[name](params)
    if (!isSilent) post({ type: 'reply', requestId, ok: true, result })
  } catch (error) {
    const told = error.problem ?? { code: 'internal', message: String(error) }
    post({ type: 'reply', requestId, ok: false, problem: told })
  }
})
post({ type: 'ready' })
