/**
 * The demo itself: the embedded S3 server with a bucket of real content, and the app with that account added and the bucket
 * mounted. `--once` makes one round trip through both and says what it saw. Everything it makes lies in one temporary folder,
 * and goes when the app ends.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import keytar from 'keytar'
import { appCommand } from './app.mjs'
import { demoBucket, demoSecret, demoStore, keychainAccount, keychainService, storeFileName } from './demo-seed.mjs'
import { s3Client } from './s3-client.mjs'

/** The last words of the app and the server, for the moment they are missed. */
let tail = ''

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const isOnce = process.argv.includes('--once')
const step = (text) => console.log(`  ✓ ${text}`)

const folder = await mkdtemp(path.join(os.tmpdir(), 'cloudmount-demo-'))
const mountpoint = path.join(folder, 'Demo')
const keys = { accessKeyId: 'demo', secretAccessKey: randomBytes(20).toString('hex') }
const running = []

// Ctrl+C reaches the app as well; this process stays to clean up after it.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => running.at(-1)?.kill('SIGTERM'))
// Whatever ends this process ends what it started.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

try {
  const endpoint = await startServer()
  const app = await startApp(endpoint)
  const appEnded = once(app, 'exit').then(([code, signal]) => ({ code, signal }))
  await until(`the drive to be mounted on ${mountpoint}`, 90_000, isMounted, appEnded)
  if (isOnce) {
    step(`mounted ${demoBucket} on ${mountpoint}`)
    await roundTrip(s3Client({ endpoint, ...keys }))
    await quit(app, appEnded)
    console.log('The round trip went through.')
  } else {
    tell(endpoint)
    await appEnded
  }
} catch (error) {
  console.error(`The demo failed: ${error.message}`)
  process.exitCode = 1
} finally {
  for (const child of running.reverse()) await end(child)
  await keytar.deletePassword(keychainService, keychainAccount).catch(() => undefined)
  if (await isMounted()) await end(spawn('fusermount', ['-uz', mountpoint]), 'wait')
  await rm(folder, { recursive: true, force: true })
}

async function startServer() {
  const options = ['--demo-content', '--access-key', keys.accessKeyId, '--secret-key', keys.secretAccessKey]
  const server = spawn(process.execPath, [path.join(root, 'out', 'demo-server', 'main.cjs'), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(server)
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  const endpoint = /https?:\/\/\S+/.exec((await lines.next()).value ?? '')?.[0]
  if (endpoint === undefined) throw new Error('the S3 server did not start')
  // The second line comes when the bucket is filled.
  await lines.next()
  return endpoint
}

async function startApp(endpoint) {
  const userData = path.join(folder, 'user-data')
  await mkdir(userData)
  await mkdir(mountpoint)
  const store = demoStore({ endpoint, accessKeyId: keys.accessKeyId, mountpoint })
  await writeFile(path.join(userData, storeFileName), JSON.stringify(store, undefined, 2))
  await keytar.setPassword(keychainService, keychainAccount, demoSecret(keys.secretAccessKey))
  const [program, ...args] = appCommand(root, process.env, [`--user-data-dir=${userData}`])
  const app = spawn(program, args, { stdio: ['ignore', isOnce ? 'ignore' : 'inherit', isOnce ? 'pipe' : 'inherit'] })
  if (isOnce) app.stderr.on('data', keepTail)
  running.push(app)
  return app
}

async function roundTrip(client) {
  const sent = randomBytes(3 * 1024 * 1024 + 17)
  await writeFile(path.join(mountpoint, 'round trip.bin'), sent)
  step(`wrote ${sent.length} bytes through the drive`)
  const stored = await until('the object to be in the bucket', 60_000, () => client.get(demoBucket, 'round trip.bin'))
  mustEqual(stored, sent, 'The object in the bucket')
  step(`another S3 client got the object, bytes equal (sha256 ${digest(stored)})`)

  const put = randomBytes(1024 * 1024 + 5)
  await client.put(demoBucket, 'from another client.bin', put)
  step(`that client put an object of ${put.length} bytes`)
  const read = await until('that object to show in the drive', 60_000, () =>
    readFile(path.join(mountpoint, 'from another client.bin')).catch(absent),
  )
  mustEqual(read, put, 'The file in the drive')
  step(`read it through the drive, bytes equal (sha256 ${digest(read)})`)
}

async function quit(app, appEnded) {
  app.kill('SIGTERM')
  await until('the drive to be unmounted', 60_000, async () => !(await isMounted()))
  await until('the app to end', 30_000, () => app.exitCode !== null || app.signalCode !== null)
  await appEnded
  step('unmounted')
}

function tell(endpoint) {
  console.log(`
  The drive is        ${mountpoint}
  The S3 server is    ${endpoint}   bucket ${demoBucket}
  Its keys            ${keys.accessKeyId} / ${keys.secretAccessKey}

  Quit the app, or press Ctrl+C here, to end the demo. Nothing of it stays.
`)
}

function keepTail(chunk) {
  tail = `${tail}${chunk}`.slice(-2000)
}

/** Polls: the answer comes from another process. The app's end is the end of waiting for it. */
async function until(what, limitMs, look, appEnded) {
  let isOver = false
  appEnded?.then(() => (isOver = true))
  const deadline = Date.now() + limitMs
  for (;;) {
    const answer = await look()
    if (answer) return answer
    if (isOver) throw new Error(`the app ended while waiting for ${what}\n${tail}`)
    if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1000} s for ${what}\n${tail}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function isMounted() {
  if (process.platform === 'darwin') {
    const mount = spawn('/sbin/mount', { stdio: ['ignore', 'pipe', 'ignore'] })
    const chunks = await mount.stdout.toArray()
    return Buffer.concat(chunks).toString().includes(` on ${mountpoint} (`)
  }
  const table = await readFile('/proc/self/mountinfo', 'utf8')
  return table.split('\n').some((line) => line.split(' ')[4] === mountpoint)
}

async function end(child, how) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  if (how !== 'wait') child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await exit
  clearTimeout(timer)
}

function mustEqual(found, wanted, what) {
  if (!wanted.equals(found)) throw new Error(`${what} differs: ${digest(found)}, not ${digest(wanted)}`)
}

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

function absent(error) {
  if (error.code === 'ENOENT') return undefined
  throw error
}
