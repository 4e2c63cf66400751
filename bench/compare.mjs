/**
 * CloudMount beside s3fs and `rclone mount --vfs-cache-mode full`, on the same S3 server in the same run: seconds for each row, and
 * the ratio to the better of the other two. Needs the tools it compares with (Debian packages s3fs and rclone), FUSE, and built
 * bundles: node build/run.mjs build && node bench/compare.mjs [--size-mib 256] [--files 500]
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { s3Client } from '../build/s3-client.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const { values } = parseArgs({
  options: { 'size-mib': { type: 'string', default: '256' }, files: { type: 'string', default: '500' } },
})
const sizeMib = Number(values['size-mib'])
const fileCount = Number(values.files)
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cloudmount-bench-'))
const keys = { id: 'benchkey', secret: 'benchsecret' }
const mebibyte = Buffer.alloc(1024 * 1024, 'bench')

const tools = {
  cloudmount: {
    environment: { AWS_ACCESS_KEY_ID: keys.id, AWS_SECRET_ACCESS_KEY: keys.secret },
    command: (endpoint, bucket, folder, cache) => [
      process.execPath,
      path.join(root, 'out', 'cli', 'cli.cjs'),
      ...['mount', `s3://${bucket}`, folder, '--endpoint', endpoint, '--cache', cache, '--foreground'],
    ],
  },
  s3fs: {
    environment: {},
    command: (endpoint, bucket, folder, cache) => {
      const secrets = path.join(scratch, 's3fs-keys')
      fs.writeFileSync(secrets, `${keys.id}:${keys.secret}\n`, { mode: 0o600 })
      const options = `passwd_file=${secrets},url=${endpoint},use_path_request_style,use_cache=${cache}`
      return ['s3fs', bucket, folder, '-f', '-o', options]
    },
  },
  rclone: {
    environment: {
      RCLONE_CONFIG: path.join(scratch, 'rclone.conf'),
      RCLONE_CONFIG_T_TYPE: 's3',
      RCLONE_CONFIG_T_PROVIDER: 'Other',
      RCLONE_CONFIG_T_ACCESS_KEY_ID: keys.id,
      RCLONE_CONFIG_T_SECRET_ACCESS_KEY: keys.secret,
    },
    command: (endpoint, bucket, folder, cache) => [
      ...['rclone', 'mount', `t:${bucket}`, folder, '--vfs-cache-mode', 'full', '--cache-dir', cache],
      ...['--s3-endpoint', endpoint],
    ],
  },
}

/** Each row works in the mounted folder; `prepare` brings about what the time should not count. */
const rows = [
  ['write one large file', (folder) => writeLarge(path.join(folder, 'large'))],
  ['read it, warm', (folder) => readAll(path.join(folder, 'large'))],
  ['create small files', (folder) => createSmall(path.join(folder, 'small'))],
  ['stat them', (folder) => statSmall(path.join(folder, 'small'))],
  ['read them', (folder) => readSmall(path.join(folder, 'small'))],
  ['read the large file, new cache', (folder) => readAll(path.join(folder, 'large')), { remount: true }],
  ['list small files, new cache', (folder) => statSmall(path.join(folder, 'small'))],
  ['delete small files', (folder) => fs.rmSync(path.join(folder, 'small'), { recursive: true })],
]

function writeLarge(file) {
  const descriptor = fs.openSync(file, 'w')
  for (let index = 0; index < sizeMib; index++) fs.writeSync(descriptor, mebibyte)
  fs.closeSync(descriptor)
}

function readAll(file) {
  const descriptor = fs.openSync(file, 'r')
  const buffer = Buffer.alloc(mebibyte.length)
  let total = 0
  for (let count = fs.readSync(descriptor, buffer); count > 0; count = fs.readSync(descriptor, buffer)) total += count
  fs.closeSync(descriptor)
  if (total !== sizeMib * mebibyte.length) throw new Error(`${file} has ${total} bytes`)
}

function createSmall(folder) {
  fs.mkdirSync(folder)
  for (let index = 0; index < fileCount; index++)
    fs.writeFileSync(path.join(folder, `file-${index}`), `content ${index}`)
}

function statSmall(folder) {
  const names = fs.readdirSync(folder)
  if (names.length !== fileCount) throw new Error(`${folder} shows ${names.length} of ${fileCount} files`)
  for (const name of names) fs.statSync(path.join(folder, name))
}

function readSmall(folder) {
  for (let index = 0; index < fileCount; index++) fs.readFileSync(path.join(folder, `file-${index}`))
}

async function until(what, look) {
  for (const giveUpAt = Date.now() + 60_000; Date.now() < giveUpAt;) {
    if (await look()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited a minute for ${what}`)
}

async function isInBucket(endpoint, name, key) {
  const client = s3Client({ endpoint, accessKeyId: keys.id, secretAccessKey: keys.secret })
  return (await client.get(`bench-${name}`, key)) !== undefined
}

const isMounted = (folder) => fs.readFileSync('/proc/mounts', 'utf8').includes(` ${folder} fuse`)

async function mounted(name, endpoint, cacheNumber, use) {
  const folder = path.join(scratch, `${name}-drive`)
  const cache = path.join(scratch, `${name}-cache-${cacheNumber}`)
  fs.mkdirSync(folder, { recursive: true })
  fs.mkdirSync(cache, { recursive: true })
  const { command, environment } = tools[name]
  const [program, ...args] = command(endpoint, `bench-${name}`, folder, cache)
  const inherited = { ...process.env, ...environment }
  delete inherited.AWS_CA_BUNDLE
  const child = spawn(program, args, { env: inherited, stdio: 'ignore' })
  const ended = once(child, 'exit')
  try {
    await until(`${name} to mount`, () => isMounted(folder))
    return await use(folder)
  } finally {
    if (name === 'cloudmount') child.kill('SIGTERM')
    else execFileSync('fusermount', ['-u', folder])
    await ended
  }
}

async function measure(name, endpoint) {
  const seconds = {}
  const timed = (folder, [title, work]) => {
    const start = process.hrtime.bigint()
    work(folder)
    seconds[title] = Number(process.hrtime.bigint() - start) / 1e9
  }
  const cut = rows.findIndex(([, , options]) => options?.remount)
  await mounted(name, endpoint, 1, async (folder) => {
    rows.slice(0, cut).forEach((row) => timed(folder, row))
    // A tool that uploads behind the writer drops what is left when it is unmounted, or keeps it in the cache we are about to change.
    const lastNames = ['large', 'small/file-0', `small/file-${fileCount - 1}`]
    for (const key of lastNames) await until(`${name} to upload ${key}`, async () => isInBucket(endpoint, name, key))
  })
  await mounted(name, endpoint, 2, (folder) => rows.slice(cut).forEach((row) => timed(folder, row)))
  return seconds
}

async function startServer() {
  const buckets = Object.keys(tools).flatMap((name) => ['--bucket', `bench-${name}`])
  const server = spawn(
    process.execPath,
    [
      path.join(root, 'out', 'demo-server', 'main.cjs'),
      ...['--access-key', keys.id, '--secret-key', keys.secret],
      ...buckets,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [first] = await once(server.stdout, 'data')
  server.stdout.resume()
  return { server, endpoint: String(first).split('\n')[0] }
}

const { server, endpoint } = await startServer()
try {
  const results = {}
  for (const name of Object.keys(tools)) {
    try {
      results[name] = await measure(name, endpoint)
    } catch (error) {
      console.error(`${name}: ${error.message}`)
      results[name] = {}
    }
  }
  console.log(
    `${sizeMib} MiB, ${fileCount} small files; seconds, and CloudMount's time as a share of the better of the others`,
  )
  for (const [title] of rows) {
    const times = Object.keys(tools).map((name) => results[name][title])
    const [own, ...others] = times
    const best = Math.min(...others.filter((time) => time !== undefined))
    const cells = times.map((time) => (time === undefined ? '-' : time.toFixed(3)).padStart(10))
    const ratio = own === undefined || !Number.isFinite(best) ? '-' : `${(own / best).toFixed(2)}x`
    console.log(`${title.padEnd(32)}${cells.join('')}${ratio.padStart(10)}`)
  }
  console.log(
    ' '.repeat(32) +
      Object.keys(tools)
        .map((name) => name.padStart(10))
        .join(''),
  )
} finally {
  server.kill('SIGTERM')
  fs.rmSync(scratch, { recursive: true, force: true })
}
