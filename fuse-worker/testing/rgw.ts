/**
 * A real Ceph RADOS Gateway for tests, from Debian's own packages, in memory, on loopback ports of its own. It keeps our
 * embedded server honest, and it is the weak provider whose ignored conditions the worker must see through.
 */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { RgwCluster, freePorts } from './rgw-cluster.ts'

export type Keys = { accessKeyId: string; secretAccessKey: string }

export type Rgw = Keys & {
  endpoint: string
  region: string
  /** May list and read, nothing else. */
  readOnly: Keys
  /** There, and empty. */
  bucket: string
  /** Of Ceph, as `16.2.15`. */
  version: string
  stop(): Promise<void>
}

const USER: Keys = { accessKeyId: 'rgwtestaccess0000001', secretAccessKey: 'rgwtestsecret000000000000000000000000001' }
const READER: Keys = {
  accessKeyId: 'rgwtestreader0000001',
  secretAccessKey: 'rgwtestsecret000000000000000000000000002',
}

export async function isRgwInstalled(): Promise<boolean> {
  const found = await Promise.all(['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph'].map(isOnPath))
  return found.every((there) => there)
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/bin', '/usr/sbin', '/sbin']
  const tries = folders.map((folder) =>
    access(join(folder, program)).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(tries)).includes(true)
}

export async function startRgw(): Promise<Rgw> {
  const directory = await mkdtemp(join(tmpdir(), 'cloudmount-rgw-'))
  const cluster = new RgwCluster(directory, await freePorts())
  const stop = async (): Promise<void> => {
    await cluster.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await cluster.prepare()
    await cluster.startStorage()
    await createUsers(cluster)
    await addStorageClasses(cluster)
    await cluster.startGateway()
    const endpoint = `http://127.0.0.1:${cluster.ports.gateway}`
    const bucket = 'test'
    await createBucket(endpoint, bucket)
    return { ...USER, endpoint, region: 'us-east-1', readOnly: READER, bucket, version: await version(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The reader is the writer's own sub-user: a user of its own would see nothing of the writer's buckets. */
async function createUsers(cluster: RgwCluster): Promise<void> {
  const withKeys = ({ accessKeyId, secretAccessKey }: Keys): string[] => [
    `--access-key=${accessKeyId}`,
    `--secret-key=${secretAccessKey}`,
  ]
  await cluster.admin(['user', 'create', '--uid=writer', '--display-name=writer', ...withKeys(USER)])
  const reader = ['--uid=writer', '--subuser=writer:reader', '--access=read', '--key-type=s3']
  await cluster.admin(['subuser', 'create', ...reader, ...withKeys(READER)])
}

/** Labels only: everything is kept in one place. */
async function addStorageClasses(cluster: RgwCluster): Promise<void> {
  for (const name of ['STANDARD_IA', 'GLACIER']) {
    const placement = ['--placement-id', 'default-placement', '--storage-class', name]
    await cluster.admin(['zonegroup', 'placement', 'add', '--rgw-zonegroup', 'default', ...placement])
    const pool = ['--data-pool', 'default.rgw.buckets.data']
    await cluster.admin(['zone', 'placement', 'add', '--rgw-zone', 'default', ...placement, ...pool])
  }
}

async function createBucket(endpoint: string, bucket: string): Promise<void> {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { ...USER } })
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  } finally {
    client.destroy()
  }
}

async function version(): Promise<string> {
  const { stdout } = await promisify(execFile)('radosgw', ['--version'])
  return /version (\S+)/.exec(stdout)?.[1] ?? 'unknown'
}
