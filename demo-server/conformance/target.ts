/**
 * What the suite runs on: the embedded server, a Ceph gateway that it starts, or any endpoint named in the environment.
 * CLOUDMOUNT_CONFORMANCE is `demo` (default), `rgw`, or `endpoint`; the last with CLOUDMOUNT_CONFORMANCE_ENDPOINT,
 * _ACCESS_KEY_ID, _SECRET_ACCESS_KEY, _BUCKET, and _READ_ONLY_ACCESS_KEY_ID, _READ_ONLY_SECRET_ACCESS_KEY if there are any.
 */
import { randomBytes } from 'node:crypto'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { afterAll, beforeAll } from 'vitest'
import { startRgw } from '../../fuse-worker/testing/rgw.ts'
import { startDemoServer } from '../server.ts'

export type Keys = { accessKeyId: string; secretAccessKey: string }
export type TargetName = 'demo' | 'rgw' | 'endpoint'

export type Endpoint = Keys & {
  endpoint: string
  bucket: string
  readOnly: Keys | undefined
  version: string
  stop(): Promise<void>
}

export type Target = {
  readonly name: TargetName
  /** Of the server's software; of use where differences depend on it. */
  readonly version: string
  readonly endpoint: string
  readonly keys: Keys
  readonly readOnly: Keys | undefined
  readonly bucket: string
  /** For most tests: path style, one attempt, checksums only where S3 demands them. */
  readonly s3: S3Client
  client(config?: S3ClientConfig): S3Client
  /** One that nothing else in this run uses. */
  key(name?: string): string
  bucketName(name: string): string
}

export function targetName(): TargetName {
  const name = process.env['CLOUDMOUNT_CONFORMANCE'] ?? 'demo'
  if (name !== 'demo' && name !== 'rgw' && name !== 'endpoint')
    throw new Error(`CLOUDMOUNT_CONFORMANCE=${name} is unknown`)
  return name
}

async function openEndpoint(name: TargetName): Promise<Endpoint> {
  switch (name) {
    case 'demo':
      return openDemo()
    case 'rgw':
      return startRgw()
    case 'endpoint':
      return openNamed()
  }
}

async function openDemo(): Promise<Endpoint> {
  const keys = { accessKeyId: 'conformance', secretAccessKey: 'conformance-secret' }
  const readOnly = { accessKeyId: 'reader', secretAccessKey: 'reader-secret' }
  const server = await startDemoServer({
    users: [
      { ...keys, policy: 'full' },
      { ...readOnly, policy: 'read-only' },
    ],
    buckets: [{ name: 'test' }],
  })
  return { ...keys, endpoint: server.endpoint, bucket: 'test', readOnly, version: 'demo', stop: () => server.stop() }
}

function openNamed(): Endpoint {
  const variable = (name: string): string | undefined => process.env[`CLOUDMOUNT_CONFORMANCE_${name}`]
  const required = (name: string): string => {
    const value = variable(name)
    if (value === undefined) throw new Error(`CLOUDMOUNT_CONFORMANCE_${name} is not set`)
    return value
  }
  const [accessKeyId, secretAccessKey] = [variable('READ_ONLY_ACCESS_KEY_ID'), variable('READ_ONLY_SECRET_ACCESS_KEY')]
  return {
    endpoint: required('ENDPOINT'),
    accessKeyId: required('ACCESS_KEY_ID'),
    secretAccessKey: required('SECRET_ACCESS_KEY'),
    bucket: required('BUCKET'),
    readOnly: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    version: 'endpoint',
    stop: () => Promise.resolve(),
  }
}

/** Opened before the first test and closed after the last; its fields may be read in tests only. */
export function useTarget(): Target {
  const name = targetName()
  const run = randomBytes(4).toString('hex')
  const clients: S3Client[] = []
  let endpoint: Endpoint | undefined
  let shared: S3Client | undefined
  let count = 0
  const opened = (): Endpoint => {
    if (!endpoint) throw new Error('the target is not open yet')
    return endpoint
  }
  const client = (config: S3ClientConfig = {}): S3Client => {
    const { accessKeyId, secretAccessKey } = opened()
    const made = new S3Client({
      endpoint: opened().endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      credentials: { accessKeyId, secretAccessKey },
      ...config,
    })
    clients.push(made)
    return made
  }
  beforeAll(async () => {
    endpoint = await openEndpoint(name)
    shared = client()
  })
  afterAll(async () => {
    for (const each of clients) each.destroy()
    await endpoint?.stop()
  })
  return {
    name,
    get version() {
      return opened().version
    },
    get endpoint() {
      return opened().endpoint
    },
    get keys() {
      const { accessKeyId, secretAccessKey } = opened()
      return { accessKeyId, secretAccessKey }
    },
    get readOnly() {
      return opened().readOnly
    },
    get bucket() {
      return opened().bucket
    },
    get s3() {
      return shared ?? client()
    },
    client,
    key: (name = 'object') => `${run}/${count++}/${name}`,
    bucketName: (name) => `cm-${run}-${name}`,
  }
}
