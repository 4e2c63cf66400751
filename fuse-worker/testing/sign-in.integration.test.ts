/** A real mount whose sign-in ends and is renewed: what SEMANTICS.md says under “Signing in”, through the kernel. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as files from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Account, CredentialSource, Secret } from '../../contracts/account.ts'
import type { Drive, DriveStatus } from '../../contracts/drive.ts'
import type { DriveLimits } from '../../contracts/limits.ts'
import { startDemoServer, type DemoServer, type DemoUser } from '../../demo-server/server.ts'
import { expectErrno, patternBytes } from './fs-under-test.ts'
import { requestMs, until } from './machine.ts'
import { testAccountAt } from './s3-target.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const execute = promisify(execFile)
const bucket = 'test'

type Session = DemoUser & { sessionToken: string }
const session = (name: string): Session => ({
  accessKeyId: `ASIA${name}`,
  secretAccessKey: `secret-of-${name}`,
  sessionToken: `token-of-${name}`,
  policy: 'full',
})
const [first, second] = [session('FIRST'), session('SECOND')]
const lasting: DemoUser = { accessKeyId: 'OTHER', secretAccessKey: 'other', policy: 'full' }

let server: DemoServer
let portal: Server | undefined
let base: string
let mountpoint: string
let worker: WorkerProcess

beforeEach(async () => {
  server = await startDemoServer({ users: [lasting, first], buckets: [{ name: bucket }] })
  base = await files.mkdtemp(join(tmpdir(), 'cloudmount-sign-in-'))
  mountpoint = join(base, 'mount')
  await files.mkdir(mountpoint)
  await files.mkdir(join(base, '.aws/sso/cache'), { recursive: true })
})

afterEach(async () => {
  await worker.kill()
  await execute('fusermount', ['-uz', mountpoint]).catch(() => undefined)
  portal?.close()
  portal = undefined
  await server.stop()
  await files.rm(base, { recursive: true, force: true })
})

const at = (name: string): string => join(mountpoint, name)
const accountOf = (credentials: CredentialSource): Account => ({ ...testAccountAt(server.endpoint, ''), credentials })
const keysOf = (user: Session): CredentialSource => ({ kind: 'static', accessKeyId: user.accessKeyId })
const secretOf = ({ secretAccessKey, sessionToken }: Session): Secret => ({ secretAccessKey, sessionToken })
const end = (user: Session): void => server.setUsers([lasting, { ...user, expiresAt: Date.now() - 1 }])
const drive = (): Drive => ({
  id: 'signed',
  accountId: 'test',
  name: 'Signed',
  bucket,
  prefix: '',
  mountpoint,
  isReadOnly: false,
  consistency: 'close-to-open',
  mountsAtStart: false,
})
const status = async (): Promise<DriveStatus> => (await worker.link.request('drive:snapshot', {}, requestMs)).status
const uploads = (key: string, code?: number) =>
  server.requestLog.entries({ operation: 'PutObject', bucket, key, ...(code === undefined ? {} : { status: code }) })

async function mount(credentials: CredentialSource, secret: Secret, more: { limits?: DriveLimits } = {}) {
  const environment = { HOME: base, AWS_PROFILE: undefined, AWS_CONFIG_FILE: undefined }
  const endpoint = portal && { AWS_ENDPOINT_URL_SSO: `http://127.0.0.1:${(portal.address() as AddressInfo).port}` }
  worker = await startWorkerProcess({ ...environment, ...endpoint })
  const account = accountOf(credentials)
  await worker.link.request(
    'drive:mount',
    { drive: drive(), account, secret, cacheDirectory: join(base, 'cache'), ...more },
    requestMs,
  )
  await until('the endpoint is probed', () =>
    Promise.resolve(worker.events.some(({ kind }) => kind === 'capabilities:probed')),
  )
}

/** A drive with one file read and one never looked at. */
async function withFiles(): Promise<void> {
  await files.writeFile(at('read.txt'), 'read before')
  await until('everything is in the bucket', async () => (await status()).pendingOperations === 0)
  expect(await files.readFile(at('read.txt'), 'utf8')).toBe('read before')
}

async function signedOut(): Promise<DriveStatus> {
  await until('the drive says so', async () => (await status()).connection === 'signed-out')
  const found = await status()
  expect(found).toMatchObject({ problem: { code: 'token-expired' }, needsAttention: 0 })
  return found
}

async function everythingGoesOn(name: string, content: string): Promise<void> {
  await until('everything is in the bucket', async () => (await status()).pendingOperations === 0)
  expect(await status()).toMatchObject({ connection: 'online', needsAttention: 0 })
  expect(uploads(name, 200)).toHaveLength(1)
  expect(await files.readFile(at(name), 'utf8')).toBe(content)
}

test('session keys that end leave cached files readable and changes waiting; new keys are used without a remount', async () => {
  await mount(keysOf(first), secretOf(first))
  await withFiles()
  end(first)
  await files.writeFile(at('later.txt'), 'written signed out')
  expect(await signedOut()).toMatchObject({ pendingOperations: 1, signIn: {} })
  expect(await files.readFile(at('read.txt'), 'utf8')).toBe('read before')
  expect((await files.readdir(mountpoint)).sort()).toEqual(['later.txt', 'read.txt'])
  for (let more = 0; more < 50; more++) await files.writeFile(at(`more-${more}`), 'x')
  await expectErrno(files.readFile(at('never-seen')), 'ENOENT')
  expect((await status()).pendingOperations).toBe(51)
  expect(worker.events.filter(({ kind }) => kind === 'notice:raised')).toEqual([])
  // One attempt finds out, and perhaps those beside it; the rest is not sent at all.
  expect(server.requestLog.entries({ operation: 'PutObject', status: 400 }).length).toBeLessThan(20)

  server.setUsers([lasting, second])
  await worker.link.request(
    'drive:credentials',
    { account: accountOf(keysOf(second)), secret: secretOf(second) },
    requestMs,
  )
  await everythingGoesOn('later.txt', 'written signed out')
  expect(worker.log()).not.toContain('token-of-')
  expect(worker.log()).not.toContain('secret-of-')
})

test('keys that are renewed in time break nothing that is under way', async () => {
  await mount(keysOf(first), secretOf(first), { limits: { uploadBytesPerSecond: 1_000_000 } })
  const content = patternBytes(3_000_000, 3)
  await files.writeFile(at('large'), content)
  await until('it is on its way', async () =>
    (await worker.link.request('drive:snapshot', {}, requestMs)).transfers.some(
      ({ status: { state }, doneBytes }) => state === 'running' && doneBytes > 0,
    ),
  )
  server.setUsers([lasting, first, second])
  await worker.link.request(
    'drive:credentials',
    { account: accountOf(keysOf(second)), secret: secretOf(second) },
    requestMs,
  )
  await until('everything is in the bucket', async () => (await status()).pendingOperations === 0)
  expect(uploads('large')).toHaveLength(1)
  server.setUsers([lasting, second])
  await files.writeFile(at('after'), 'x')
  await until('everything is in the bucket', async () => (await status()).pendingOperations === 0)
})

async function writeProfile({ accessKeyId, secretAccessKey, sessionToken }: Session, endsAt: number): Promise<void> {
  const text = [
    '[work]',
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
    `aws_session_token = ${sessionToken}`,
    `aws_expiration = ${new Date(endsAt).toISOString()}`,
  ].join('\n')
  await files.writeFile(join(base, '.aws/credentials.new'), text)
  await files.rename(join(base, '.aws/credentials.new'), join(base, '.aws/credentials'))
}

test('a profile whose file gets new keys is used at once, by a drive that is mounted', async () => {
  const endsAt = Date.now() + 3_600_000
  await writeProfile(first, endsAt)
  await mount({ kind: 'profile', profile: 'work' }, {})
  await withFiles()
  expect((await status()).signIn).toEqual({ endsAt })
  end(first)
  await files.writeFile(at('later.txt'), 'written signed out')
  await signedOut()
  server.setUsers([lasting, second])
  await writeProfile(second, endsAt + 5_000)
  await everythingGoesOn('later.txt', 'written signed out')
  await until('the new end is known', async () => (await status()).signIn?.endsAt === endsAt + 5_000)
})

/** What gives the keys of a role for the token of a sign-in; it takes only the newest token. */
async function startPortal(keys: () => { token: string; user: Session }): Promise<Server> {
  const made = createServer((request, response) => {
    const { token, user } = keys()
    const isKnown = request.headers['x-amz-sso_bearer_token'] === token
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
    const { accessKeyId, secretAccessKey, sessionToken } = user
    const roleCredentials = { accessKeyId, secretAccessKey, sessionToken, expiration: Date.now() + 3_600_000 }
    response.end(JSON.stringify(isKnown ? { roleCredentials } : { message: 'Session token not found or invalid' }))
  })
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  return made
}

async function ssoLogin(accessToken: string, endsAt: number): Promise<void> {
  const name = `${createHash('sha1').update('corp').digest('hex')}.json`
  const content = { accessToken, expiresAt: new Date(endsAt).toISOString(), region: 'us-east-1', startUrl: 'https://x' }
  await files.writeFile(join(base, '.aws/sso/cache', name), JSON.stringify(content))
}

test('an SSO session that ends says how to sign in again, and goes on by itself after that', async () => {
  const config = [
    '[sso-session corp]',
    'sso_region = us-east-1',
    'sso_start_url = https://x',
    '[profile work]',
    'sso_session = corp',
    'sso_account_id = 123456789012',
    'sso_role_name = Writer',
  ].join('\n')
  await files.writeFile(join(base, '.aws/config'), config)
  const endsAt = Date.now() + 3_600_000
  await ssoLogin('a', endsAt)
  let keys = { token: 'a', user: first }
  portal = await startPortal(() => keys)
  await mount({ kind: 'profile', profile: 'work' }, {})
  await withFiles()
  const command = 'aws sso login --profile work'
  expect((await status()).signIn).toEqual({ command, endsAt })

  end(first)
  keys = { token: 'b', user: second }
  await ssoLogin('a', Date.now() - 1_000)
  await files.writeFile(at('later.txt'), 'written signed out')
  const { signIn } = await signedOut()
  expect(signIn?.command).toBe(command)
  expect(await files.readFile(at('read.txt'), 'utf8')).toBe('read before')

  server.setUsers([lasting, second])
  await ssoLogin('b', endsAt)
  await everythingGoesOn('later.txt', 'written signed out')
})

test('a drive that was mounted before is mounted and readable while signed out', async () => {
  await mount(keysOf(first), secretOf(first))
  await withFiles()
  await worker.link.request('drive:unmount', { pending: 'leave', isForced: true }, requestMs)
  await worker.end()
  end(first)
  worker = await startWorkerProcess({ HOME: base })
  await worker.link.request(
    'drive:mount',
    { drive: drive(), account: accountOf(keysOf(first)), secret: secretOf(first), cacheDirectory: join(base, 'cache') },
    requestMs,
  )
  await signedOut()
  expect(await files.readFile(at('read.txt'), 'utf8')).toBe('read before')
})
