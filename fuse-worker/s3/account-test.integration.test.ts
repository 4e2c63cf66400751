import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { accountTestSchema } from '../../contracts/account.ts'
import type { Account, AccountTest, AccountTestProgress, Secret } from '../../contracts/account.ts'
import { startDemoServer } from '../../demo-server/server.ts'
import type { DemoServer, DemoUser } from '../../demo-server/server.ts'
import { localhostCertificate, testAuthority } from '../testing/certificates.ts'
import { testAccountAt } from '../testing/s3-target.ts'
import { testAccount } from './account-test.ts'

const secret: Secret = { secretAccessKey: 'right-secret' }
const limits = { connectMs: 2000, idleMs: 2000 }
const users: DemoUser[] = [
  { accessKeyId: 'FULL', secretAccessKey: 'right-secret', policy: 'full' },
  { accessKeyId: 'READER', secretAccessKey: 'right-secret', policy: 'read-only' },
  { accessKeyId: 'NOLIST', secretAccessKey: 'right-secret', policy: 'no-list' },
  { accessKeyId: 'OLD', secretAccessKey: 'right-secret', sessionToken: 'token', expiresAt: 1000, policy: 'full' },
]
let server: DemoServer
let tlsServer: DemoServer
let directory: string

beforeAll(async () => {
  const buckets = [{ name: 'photos' }, { name: 'kept', versioning: true }, { name: 'open', anonymousRead: true }]
  server = await startDemoServer({ users, buckets, region: 'us-east-1' })
  tlsServer = await startDemoServer({ users, buckets, tls: localhostCertificate })
  directory = await mkdtemp(join(tmpdir(), 'cloudmount-account-'))
})
beforeEach(() => {
  server.setClockOffset(0)
  server.setIgnores([])
})
afterAll(async () => {
  await Promise.all([server.stop(), tlsServer.stop()])
  await rm(directory, { recursive: true, force: true })
})

const at = (endpoint: string, change: Partial<Account> = {}): Account => ({
  ...testAccountAt(endpoint, 'FULL'),
  ...change,
})
const asKey = (accessKeyId: string): Partial<Account> => ({ credentials: { kind: 'static', accessKeyId } })

async function outcomesOf(result: Promise<AccountTest>): Promise<Record<string, string>> {
  const { steps } = accountTestSchema.parse(await result)
  expect(steps.map((step) => step.id).sort()).toEqual(
    ['conditional', 'list', 'reachable', 'signed', 'versioning', 'write'],
  ) // prettier-ignore
  for (const step of steps) expect(step.summary).toMatch(/^(?:[A-Z0-9“]|https?:).*[.)]$/)
  return Object.fromEntries(steps.map((step) => [step.id, step.outcome]))
}

async function failureOf(result: Promise<AccountTest>): Promise<string> {
  const { steps } = await result
  const failed = steps.filter((step) => step.outcome === 'failed')
  expect(failed).toHaveLength(1)
  return `${failed[0]!.id}: ${failed[0]!.summary}`
}

describe('an account that works', () => {
  it('passes every step and lists its buckets', async () => {
    const testing = testAccount({ account: at(server.endpoint), secret, bucket: 'photos' })
    expect(new Set(Object.values(await outcomesOf(testing)))).toEqual(new Set(['passed']))
    const { buckets, capabilities } = await testing
    expect(buckets).toEqual(expect.arrayContaining(['photos', 'kept']))
    expect(capabilities).toMatchObject({ putIfMatch: 'honoured', versioning: 'off' })
  })

  it('tells each step as it begins and as it ends', async () => {
    const told: string[] = []
    const onStep = ({ id, outcome }: AccountTestProgress) => void told.push(`${id} ${outcome}`)
    const { steps } = await testAccount({ account: at(server.endpoint), secret, bucket: 'photos', onStep })
    expect(told).toEqual([
      ...['reachable running', 'reachable passed', 'signed passed', 'list running', 'list passed'],
      // As soon as the first object is there, and once more when all are removed.
      ...['write running', 'write passed', 'conditional running', 'write passed', 'conditional passed'],
      'versioning passed',
    ])
    expect(told).toEqual(expect.arrayContaining(steps.map(({ id, outcome }) => `${id} ${outcome}`)))
  })

  it('that is stopped while it writes leaves nothing in the bucket', async () => {
    const stop = new AbortController()
    const onStep = ({ id, outcome }: AccountTestProgress) => {
      if (id === 'conditional' && outcome === 'running') stop.abort()
    }
    const options = { account: at(server.endpoint), secret, bucket: 'photos', signal: stop.signal, onStep }
    const { steps } = await testAccount(options)
    expect(steps.some(({ outcome }) => outcome === 'failed')).toBe(true)
    expect(server.storage.buckets.get('photos')?.keys.length).toBe(0)
  })

  it('offers its buckets before one is chosen', async () => {
    const testing = testAccount({ account: at(server.endpoint), secret })
    expect(await outcomesOf(testing)).toMatchObject({ list: 'passed', write: 'skipped', versioning: 'skipped' })
  })

  it('says what an endpoint that ignores conditions means', async () => {
    server.setIgnores(['put-if-match', 'delete-if-match'])
    const { steps } = await testAccount({ account: at(server.endpoint), secret, bucket: 'kept' })
    const conditional = steps.find((step) => step.id === 'conditional')
    expect(conditional?.outcome).toBe('warning')
    expect(conditional?.summary).toMatch(/small files and deletions/)
  })

  it('warns of keys that may only read', async () => {
    const testing = testAccount({ account: at(server.endpoint, asKey('READER')), secret, bucket: 'photos' })
    expect(await outcomesOf(testing)).toMatchObject({ list: 'passed', write: 'warning', conditional: 'skipped' })
    const summary = (await testing).steps.find((step) => step.id === 'write')?.summary
    expect(summary).toMatch(/may only read/)
    // The name of what was tried is nothing a person knows.
    expect(summary).not.toMatch(/probe/)
  })

  it('warns of a clock that is an hour off, and works in spite of it', async () => {
    server.setClockOffset(3_600_000)
    const testing = testAccount({ account: at(server.endpoint), secret, bucket: 'photos' })
    expect(await outcomesOf(testing)).toMatchObject({ signed: 'warning', write: 'passed', conditional: 'passed' })
    expect((await testing).steps.find((step) => step.id === 'signed')?.summary).toMatch(/60 minutes behind/)
  })

  it('reads a public bucket without keys', async () => {
    const account = at(server.endpoint, { credentials: { kind: 'anonymous' } })
    const testing = testAccount({ account, secret: {}, bucket: 'open' })
    expect(await outcomesOf(testing)).toMatchObject({ signed: 'warning', list: 'passed', write: 'warning' })
  })

  it('trusts the authority of its file, and that of NODE_EXTRA_CA_CERTS', async () => {
    const caFile = join(directory, 'ca.pem')
    await writeFile(caFile, testAuthority)
    const withFile = testAccount({ account: at(tlsServer.endpoint, { caFile }), secret, bucket: 'photos' })
    expect(await outcomesOf(withFile)).toMatchObject({ reachable: 'passed', write: 'passed', conditional: 'passed' })
    vi.stubEnv('NODE_EXTRA_CA_CERTS', caFile)
    const withEnvironment = testAccount({ account: at(tlsServer.endpoint), secret, bucket: 'photos' })
    expect(await outcomesOf(withEnvironment)).toMatchObject({ reachable: 'passed', write: 'passed' })
    vi.unstubAllEnvs()
  })
})

describe('an account that does not work says which step failed and what to do', () => {
  const bucket = 'photos'
  it.each([
    ['wrong key', asKey('NOBODY'), secret, bucket, /^signed: .*does not know the access key.*Check the access key ID/],
    ['wrong secret', {}, { secretAccessKey: 'x' }, bucket, /^signed: The secret key does not belong.*Enter the secret/],
    [
      'expired token',
      asKey('OLD'),
      { ...secret, sessionToken: 'token' },
      bucket,
      /^signed: The temporary.*Sign in again/,
    ],
    ['unknown bucket', {}, secret, 'nothing-here', /^list: There is no bucket “nothing-here”.*Check the name/],
    ['no permission to list', asKey('NOLIST'), secret, bucket, /^list: These keys.*may not list.*s3:ListBucket/],
    ['wrong region', { region: 'eu-central-1' }, secret, bucket, /^signed: .*region us-east-1.*Set the region/],
    [
      'unknown profile',
      { credentials: { kind: 'profile', profile: 'no-such' } },
      {},
      bucket,
      /^signed: .*“no-such”.*~\/\.aws/,
    ],
    ['no such host', { endpoint: 'http://no-such-host.invalid' }, secret, bucket, /^reachable: .*cannot be found/],
    ['nothing listens', { endpoint: 'http://127.0.0.1:9' }, secret, bucket, /^reachable: Nothing answers.*port/],
  ] as [string, Partial<Account>, Secret, string, RegExp][])(
    '%s',
    async (_, change, theirSecret, theirBucket, expected) => {
      const options = { account: at(server.endpoint, change), secret: theirSecret, bucket: theirBucket, limits }
      expect(await failureOf(testAccount(options))).toMatch(expected)
      await outcomesOf(testAccount(options))
    },
  )

  it('unknown authority, and a file that holds none', async () => {
    const untrusted = testAccount({ account: at(tlsServer.endpoint), secret, bucket })
    expect(await failureOf(untrusted)).toMatch(/^reachable: .*does not trust.*PEM file/)
    const caFile = join(directory, 'no-certificate.txt')
    await writeFile(caFile, 'hello')
    const unusable = testAccount({ account: at(tlsServer.endpoint, { caFile }), secret, bucket })
    expect(await failureOf(unusable)).toMatch(/^reachable: .*no-certificate\.txt.*cannot be used.*Choose a PEM file/)
  })

  it('https on a plain port, and http on a TLS port', async () => {
    const tls = at(server.endpoint.replace('http:', 'https:'))
    expect(await failureOf(testAccount({ account: tls, secret, bucket, limits }))).toMatch(/^reachable: .*http:\/\//)
    const plain = at(tlsServer.endpoint.replace('https:', 'http:'))
    expect(await failureOf(testAccount({ account: plain, secret, bucket, limits }))).toMatch(/^reachable: .*https/)
  })
})

describe('an endpoint that is not S3', () => {
  let status = 200
  let page: Server
  let mute: TcpServer
  beforeAll(async () => {
    page = createServer((_, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Hi</html>'),
    )
    mute = createTcpServer((socket) => socket.on('error', () => {}))
    for (const listening of [page, mute]) await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done))
  })
  afterAll(() => {
    page.closeAllConnections()
    page.close()
    mute.close()
  })
  const endpointOf = (listening: Server | TcpServer): string =>
    `http://127.0.0.1:${(listening.address() as AddressInfo).port}`

  it.each([200, 302, 404])('is told by its HTML page (HTTP %i)', async (code) => {
    status = code
    for (const bucket of ['photos', undefined]) {
      const testing = testAccount({ account: at(endpointOf(page)), secret, bucket, limits })
      expect(await failureOf(testing)).toMatch(/^reachable: .*not an S3 service.*Check the endpoint/)
    }
  })

  it('is given up on when it never says a word', async () => {
    const short = { connectMs: 300, idleMs: 300 }
    const testing = testAccount({ account: at(endpointOf(mute)), secret, bucket: 'photos', limits: short })
    expect(await failureOf(testing)).toMatch(/^reachable: .*stopped answering/)
  })
})
