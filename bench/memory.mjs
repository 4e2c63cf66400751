/**
 * How much memory a drive takes: a real worker on a bucket of many objects, resident memory after each step, and the slope over
 * minutes of mixed work (bench/slope.mjs). The budget is 300 MB with 100,000 nodes and 1,000 open files.
 * node build/run.mjs build && node bench/memory.mjs [--objects 100000] [--open 1000] [--minutes 3]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { residentMb, slopeText } from './slope.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const budgetMb = 300
const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '100000' },
    open: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '3' },
  },
})
const [objects, openFiles, minutes] = [values.objects, values.open, values.minutes].map(Number)
const bucket = 'memory'
const keys = { id: 'memorykey', secret: 'memorysecret' }
const bundle = (name, file) => path.join(root, 'out', name, file)

async function startServer() {
  const words = ['--access-key', keys.id, '--secret-key', keys.secret, '--bucket', bucket, '--fill', String(objects)]
  const server = spawn(process.execPath, [bundle('demo-server', 'main.cjs'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  server.stdout.on('data', (data) => (output += data))
  await until('the server to be filled', () => output.includes('filled'))
  return { server, endpoint: output.split('\n')[0] }
}

async function until(what, look, forMs = 120_000) {
  for (const giveUpAt = Date.now() + forMs; Date.now() < giveUpAt;) {
    if (await look()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited too long for ${what}`)
}

async function mount(endpoint, scratch) {
  const folder = path.join(scratch, 'drive')
  await fs.mkdir(folder)
  const words = ['mount', `s3://${bucket}`, folder, '--endpoint', endpoint, '--cache', path.join(scratch, 'cache')]
  const host = spawn(process.execPath, [bundle('cli', 'cli.cjs'), ...words, '--foreground'], {
    env: { ...process.env, AWS_ACCESS_KEY_ID: keys.id, AWS_SECRET_ACCESS_KEY: keys.secret },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await until('the mount', async () => (await fs.readFile('/proc/mounts', 'utf8')).includes(` ${folder} fuse`))
  const children = await fs.readFile(`/proc/${host.pid}/task/${host.pid}/children`, 'utf8')
  return { folder, host, worker: Number(children.trim().split(' ')[0]) }
}

async function walk(folder) {
  let count = 0
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) count += await walk(place)
    else {
      await fs.stat(place)
      count++
    }
  }
  return count
}

const nameOf = (index) => `d${String(Math.floor(index / 1000)).padStart(4, '0')}/f${index}`

async function openSome(folder) {
  const handles = []
  for (let count = 0; count < openFiles; count++) {
    const handle = await fs.open(path.join(folder, nameOf(Math.floor((count * objects) / openFiles))), 'r+')
    await handle.read(Buffer.alloc(4096), 0, 4096, 0)
    handles.push(handle)
  }
  return handles
}

/** A bit of everything a program does; names come again, so that what grows is not what is asked for. */
async function mixedWork(folder, round) {
  const place = path.join(folder, `work-${round % 20}`)
  await fs.mkdir(place, { recursive: true })
  for (let index = 0; index < 20; index++) {
    const file = path.join(place, `file-${index}`)
    await fs.writeFile(file, Buffer.alloc(1 + ((round * 7919 + index * 104_729) % 200_000), round))
    await fs.readFile(file)
    await fs.rename(file, `${file}-renamed`)
    if (index % 2 === 0) await fs.unlink(`${file}-renamed`)
  }
  await fs.readdir(path.join(folder, path.dirname(nameOf((round * 1000) % objects))))
  await fs.readFile(path.join(folder, nameOf((round * 37) % objects)))
}

const scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'cloudmount-memory-'))
const { server, endpoint } = await startServer()
let mounted
let most = 0
try {
  mounted = await mount(endpoint, scratch)
  const { folder, worker } = mounted
  let stepBegunAt = Date.now()
  const show = async (what) => {
    const now = await residentMb(worker)
    most = Math.max(most, now)
    const seconds = (Date.now() - stepBegunAt) / 1000
    stepBegunAt = Date.now()
    console.log(`${now.toFixed(0).padStart(6)} MB  ${seconds.toFixed(1).padStart(6)} s  ${what}`)
  }
  // What is highest lies between the steps.
  const watch = setInterval(() => void residentMb(worker).then((now) => (most = Math.max(most, now))), 250)
  watch.unref()
  await show('mounted')
  const count = await walk(folder)
  await show(`${count} files listed and looked at`)
  const handles = await openSome(folder)
  await show(`${handles.length} files open and read`)
  for (const handle of handles) await handle.write(Buffer.alloc(10_000, 1), 0, 10_000, 0)
  await show('and written to')

  const samples = []
  const startedAt = Date.now()
  for (let round = 0; Date.now() - startedAt < minutes * 60_000; round++) {
    await mixedWork(folder, round)
    samples.push([(Date.now() - startedAt) / 1000, await residentMb(worker)])
  }
  await show(`after ${minutes} min of mixed work (${samples.length} rounds)`)
  console.log(slopeText(samples))
  for (const handle of handles) await handle.close()
  await show('all files closed')
  clearInterval(watch)
  console.log(`most: ${most.toFixed(0)} MB of ${budgetMb}`)
  process.exitCode = most > budgetMb ? 1 : 0
} finally {
  if (mounted !== undefined) {
    mounted.host.kill('SIGTERM')
    await once(mounted.host, 'exit')
  }
  server.kill('SIGTERM')
  await fs.rm(scratch, { recursive: true, force: true })
}
