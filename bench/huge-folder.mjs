/**
 * What the window's browser costs a drive whose folder holds 100,000 files: how long each answer takes, and how long a program
 * (a process of its own that asks the drive for its free space, without pause) waits for the worker meanwhile at most.
 * node build/run.mjs build && node bench/huge-folder.mjs [--objects 100000]
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const { values } = parseArgs({ options: { objects: { type: 'string', default: '100000' } } })
const objects = Number(values.objects)
const bucket = 'huge'
const keys = { accessKeyId: 'hugekey', secretAccessKey: 'hugesecret' }
const folder = 'd0000'
const rows = 190
const bundle = (name, file) => path.join(root, 'out', name, file)
const soon = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function startServer() {
  const words = ['--access-key', keys.accessKeyId, '--secret-key', keys.secretAccessKey, '--bucket', bucket]
  const fill = ['--fill', String(objects), '--fill-folder', String(objects)]
  const server = spawn(process.execPath, [bundle('demo-server', 'main.cjs'), ...words, ...fill], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  server.stdout.on('data', (data) => (output += data))
  while (!output.includes('filled')) await soon(50)
  return { server, endpoint: output.split('\n')[0] }
}

async function startWorker(endpoint, scratch) {
  const mountpoint = path.join(scratch, 'drive')
  await fs.mkdir(mountpoint, { recursive: true })
  const child = fork(bundle('worker', 'worker.cjs'), [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] })
  const waiting = new Map()
  let last = 0
  const ready = new Promise((resolve) => {
    child.on('message', (message) => {
      if (message.type === 'ready') resolve()
      if (message.type === 'reply') waiting.get(message.requestId)(message)
    })
  })
  const request = async (name, params) => {
    const requestId = ++last
    const reply = new Promise((resolve) => waiting.set(requestId, resolve))
    child.send({ type: 'request', requestId, name, params })
    const { ok, result, problem } = await reply
    if (!ok) throw new Error(`${name}: ${problem.message}`)
    return result
  }
  await ready
  const drive = { id: 'huge', accountId: 'huge', name: 'Huge', bucket, prefix: '', mountpoint, mountsAtStart: false }
  const account = { id: 'huge', name: 'Huge', provider: 'other', endpoint, region: 'us-east-1', addressing: 'path' }
  await request('drive:mount', {
    drive: { ...drive, isReadOnly: false, consistency: 'cached' },
    account: { ...account, credentials: { kind: 'static', accessKeyId: keys.accessKeyId } },
    secret: { kind: 'static', secretAccessKey: keys.secretAccessKey },
    cacheDirectory: path.join(scratch, 'cache'),
  })
  return {
    ...{ child, mountpoint, request },
    end: async () => {
      await request('drive:unmount', { pending: 'leave', isForced: true })
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

const askerScript = `
const fs = require('node:fs/promises')
let longest = 0
process.on('message', () => { process.send(longest); longest = 0 })
void (async () => {
  for (;;) {
    const begun = performance.now()
    await fs.statfs(process.argv[1])
    longest = Math.max(longest, performance.now() - begun)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
})()`

/** Answers the longest wait since it was last asked. */
async function startAsker(mountpoint) {
  const child = spawn(process.execPath, ['-e', askerScript, mountpoint], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const longest = async () => {
    child.send('?')
    return (await once(child, 'message'))[0]
  }
  await soon(100)
  await longest()
  return { longest, end: () => child.kill() }
}

const times = []
async function measure(what, asker, work) {
  await asker.longest()
  const begun = performance.now()
  const said = await work()
  const took = performance.now() - begun
  const waited = await asker.longest()
  times.push({ what, took, waited })
  const text = `${took.toFixed(0).padStart(7)} ms  ${waited.toFixed(0).padStart(5)} ms  ${what}`
  console.log(said === undefined ? text : `${text} (${said})`)
}

const list = (worker, query = {}) =>
  worker.request('file:list', { path: folder, sort: 'name', isDescending: false, from: 0, count: rows, ...query })

const search = async (worker, text) => {
  const { matches, isTruncated, isIndexing } = await worker.request('file:search', { text, limit: 500 })
  return `${matches.length}${isTruncated ? ' and more' : ''}${isIndexing ? ', still indexing' : ''}`
}

async function fromTheBucket(endpoint, scratch) {
  const worker = await startWorker(endpoint, scratch)
  const asker = await startAsker(worker.mountpoint)
  try {
    await measure('the folder listed for the first time, from the bucket', asker, async () => {
      for (;;) {
        const { listing, total } = await list(worker)
        if (listing.state === 'known') return `${total} rows`
        await soon(100)
      }
    })
  } finally {
    asker.end()
    await worker.end()
  }
}

async function fromTheIndex(endpoint, scratch) {
  const worker = await startWorker(endpoint, scratch)
  const asker = await startAsker(worker.mountpoint)
  const shown = ({ entries, total }) => `${entries[0]?.name} … ${entries.at(-1)?.name} of ${total}`
  try {
    await measure('first window', asker, async () => shown(await list(worker)))
    await measure('the same a second later', asker, () => soon(1_000))
    await measure('next window', asker, async () => shown(await list(worker, { from: 40 })))
    await measure('last window', asker, async () => shown(await list(worker, { from: objects - rows })))
    await measure('sorted by size', asker, async () => shown(await list(worker, { sort: 'size', isDescending: true })))
    await measure('sorted by time', asker, async () => shown(await list(worker, { sort: 'modified' })))
    await measure('1 letter while the names are indexed', asker, () => search(worker, 'f'))
    await measure('names brought into the index', asker, async () => {
      for (let index = 0; ; index++) {
        if (!(await search(worker, 'none of these')).includes('indexing')) return undefined
        if (index % 20 === 0) await list(worker)
        await soon(300)
      }
    })
    for (const text of ['f', 'q', '99', 'f99', 'f9999', String(objects - 1).padStart(8, 'f')])
      await measure(`search “${text}”`, asker, () => search(worker, text))
    await measure('the folder read by a program', asker, async () => {
      return `${(await fs.readdir(path.join(worker.mountpoint, folder))).length} names`
    })
  } finally {
    asker.end()
    await worker.end()
  }
}

const scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'cloudmount-huge-'))
const { server, endpoint } = await startServer()
try {
  console.log(' answer      wait  (the longest of a program meanwhile)')
  await fromTheBucket(endpoint, scratch)
  await fromTheIndex(endpoint, scratch)
} finally {
  server.kill('SIGTERM')
  await fs.rm(scratch, { recursive: true, force: true })
}
