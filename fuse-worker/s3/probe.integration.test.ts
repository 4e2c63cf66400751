import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Account, Capabilities } from '../../contracts/account.ts'
import { capabilitiesSchema } from '../../contracts/account.ts'
import { CONDITION_NAMES, startDemoServer } from '../../demo-server/server.ts'
import type { DemoServer } from '../../demo-server/server.ts'
import { testAccountAt } from '../testing/s3-target.ts'
import { probeCapabilities, verdict, weaker } from './probe.ts'
import { createObjectStore } from './sdk-store.ts'

const secret = { secretAccessKey: 'probe-secret' }
let server: DemoServer
let account: Account

beforeAll(async () => {
  server = await startDemoServer({
    users: [{ accessKeyId: 'PROBE', ...secret, policy: 'full' }],
    buckets: [{ name: 'plain' }, { name: 'versioned', versioning: true }, { name: 'locked', objectLock: true }],
  })
  account = testAccountAt(server.endpoint, 'PROBE')
})
beforeEach(() => {
  server.setIgnores([])
  server.setQuirks({})
  server.setPolicy('PROBE', 'full')
  server.setClockOffset(0)
  server.setFaults(undefined)
})
afterAll(() => server.stop())

const probe = (bucket = 'plain', token?: string) =>
  probeCapabilities({ account, secret, bucket, prefix: 'some/where/', ...(token === undefined ? {} : { token }) })

async function keysIn(bucket: string): Promise<string[]> {
  const store = createObjectStore({ account, secret, bucket })
  const { objects } = await store.list({ prefix: '' })
  const uploads = await store.listMultipartUploads('')
  store.close()
  return [...objects.map((object) => object.key), ...uploads.map((upload) => upload.key)]
}

const honest: Partial<Capabilities> = {
  putIfNoneMatch: 'honoured',
  putIfMatch: 'honoured',
  ifMatchForm: 'quoted',
  completeIfNoneMatch: 'honoured',
  completeIfMatch: 'honoured',
  deleteIfMatch: 'honoured',
  copySourceIfMatch: 'honoured',
  uploadPartCopy: 'honoured',
  checksums: 'honoured',
  versioning: 'off',
  objectLock: 'off',
}

describe('the probe of an endpoint', () => {
  it('finds every condition honoured by an honest server, and leaves nothing behind', async () => {
    const { capabilities, leftovers } = await probe()
    expect(capabilitiesSchema.parse(capabilities)).toMatchObject(honest)
    expect(Math.abs(capabilities.clockSkewMs)).toBeLessThan(10_000)
    expect(leftovers).toEqual([])
    expect(await keysIn('plain')).toEqual([])
  })

  it.each([
    ['put-if-none-match', 'putIfNoneMatch'],
    ['put-if-match', 'putIfMatch'],
    ['complete-if-none-match', 'completeIfNoneMatch'],
    ['complete-if-match', 'completeIfMatch'],
    ['delete-if-match', 'deleteIfMatch'],
    ['copy-source-if-match', 'copySourceIfMatch'],
    ['part-copy-source-if-match', 'copySourceIfMatch'],
  ] as const)('sees through a server that ignores %s', async (condition, capability) => {
    server.setIgnores([condition])
    expect((await probe()).capabilities).toMatchObject({ ...honest, [capability]: 'ignored' })
  })

  it('sees through a server that ignores everything', async () => {
    server.setIgnores(CONDITION_NAMES)
    const { capabilities } = await probe()
    const { putIfNoneMatch, putIfMatch, completeIfMatch, deleteIfMatch } = capabilities
    expect([putIfNoneMatch, putIfMatch, completeIfMatch, deleteIfMatch]).toEqual(Array(4).fill('ignored'))
    expect(await keysIn('plain')).toEqual([])
  })

  it('finds the server that wants its ETags bare, and those that lack a feature', async () => {
    server.setQuirks({ unquotedIfMatch: true, noCopyPart: true, noChecksums: true })
    const { capabilities } = await probe()
    expect(capabilities).toMatchObject({
      putIfMatch: 'honoured',
      ifMatchForm: 'unquoted',
      uploadPartCopy: 'refused',
      checksums: 'ignored',
    })
  })

  it('reads versioning and object lock, and removes its versions too', async () => {
    expect((await probe('versioned')).capabilities).toMatchObject({ versioning: 'enabled', objectLock: 'off' })
    const locked = await probe('locked')
    expect(locked.capabilities).toMatchObject({ versioning: 'enabled', objectLock: 'enabled' })
    expect(locked.leftovers).toEqual([])
    expect(await keysIn('locked')).toEqual([])
  })

  it('says unknown, and why, with keys that may only read', async () => {
    server.setPolicy('PROBE', 'read-only')
    const { capabilities, writeProblem } = await probe()
    expect(writeProblem?.code).toBe('access-denied')
    expect(capabilities).toMatchObject({ putIfMatch: 'unknown', deleteIfMatch: 'unknown', versioning: 'off' })
  })

  it('removes what a probe of the same name left when it was cut off', async () => {
    const store = createObjectStore({ account, secret, bucket: 'plain' })
    const left = 'some/where/.cloudmount-probe-0123456789ab/a'
    await store.put(left, Buffer.from('x'), { metadata: {} }, undefined)
    const uploadId = await store.createMultipartUpload(left, { metadata: {} })
    await store.uploadPart(left, uploadId, 1, Buffer.from('x'))
    expect((await probe('plain', '0123456789ab')).capabilities).toMatchObject(honest)
    expect(await keysIn('plain')).toEqual([])
    expect(await store.listMultipartUploads('')).toEqual([])
    store.close()
  })

  it('names what it could not remove', async () => {
    server.setPolicy('PROBE', 'no-delete')
    const { capabilities, leftovers } = await probe()
    expect(capabilities).toMatchObject({ putIfMatch: 'honoured', deleteIfMatch: 'unknown' })
    expect(leftovers.length).toBeGreaterThan(0)
    for (const key of leftovers) expect(key).toMatch(/^some\/where\/\.cloudmount-probe-[0-9a-f]{12}\/.$/)
    server.setPolicy('PROBE', 'full')
    const store = createObjectStore({ account, secret, bucket: 'plain' })
    for (const key of leftovers) await store.delete(key, {})
    store.close()
  })

  it('measures the clock, and works in spite of it', async () => {
    server.setClockOffset(3_600_000)
    const { capabilities } = await probe()
    expect(capabilities).toMatchObject(honest)
    expect(Math.abs(capabilities.clockSkewMs - 3_600_000)).toBeLessThan(10_000)
  })

  it('leaves unknown what failed, and cleans up after a failure in the middle', async () => {
    server.setFaults(({ operation }) =>
      operation === 'CompleteMultipartUpload' ? { kind: 'error', status: 500, code: 'InternalError' } : undefined,
    )
    expect((await probe()).capabilities).toMatchObject({ putIfMatch: 'honoured', completeIfMatch: 'unknown' })
    server.setFaults(({ operation }) => (operation === 'CopyObject' ? { kind: 'reset' } : undefined))
    expect((await probe()).capabilities).toMatchObject({ copySourceIfMatch: 'unknown' })
    server.setFaults(undefined)
    expect(await keysIn('plain')).toEqual([])
  })
})

describe('the verdict', () => {
  it.each([
    ['passed', 'conflict', 'honoured'],
    ['passed', 'passed', 'ignored'],
    ['passed', 'refused', 'refused'],
    ['conflict', 'conflict', 'refused'],
    ['refused', 'refused', 'refused'],
    ['unknown', 'conflict', 'unknown'],
    ['passed', 'unknown', 'unknown'],
  ] as const)('is, when the right one %s and the wrong one %s: %s', (right, wrong, support) => {
    expect(verdict(right, wrong)).toBe(support)
  })

  it('takes the weaker of two', () => {
    expect(weaker('honoured', 'ignored')).toBe('ignored')
    expect(weaker('refused', 'unknown')).toBe('refused')
  })
})
