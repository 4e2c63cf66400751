/**
 * Everything one test works with: an S3 server, a client of that server which shares no code with the app, and folders that
 * go when the test is over. What is left running or mounted after a test, also after one that failed, is ended here.
 * Never touch a drive with a synchronous call: the server that answers it lives in this process.
 */
import { test as base, type TestInfo } from '@playwright/test'
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { s3Client } from '../../build/s3-client.mjs'
import { withOwnDesktop } from '../../build/testing/own-desktop.ts'
import { startDemoServer, type DemoServer } from '../../demo-server/server.ts'
import { detachBelow } from './processes.ts'
import { RunningApp } from './running-app.ts'
import type { AccountEntry, CloudMountWindow } from './window.ts'

export const bucket = 'papers'
const secondBucket = 'photos'

export class World {
  readonly folder: string
  readonly home: string
  readonly userData: string
  readonly server: DemoServer
  readonly account: AccountEntry
  readonly client: ReturnType<typeof s3Client>
  readonly #apps: RunningApp[] = []

  private constructor(folder: string, server: DemoServer, account: AccountEntry) {
    this.folder = folder
    this.home = path.join(folder, 'home')
    this.userData = path.join(folder, 'user-data')
    this.server = server
    this.account = account
    this.client = s3Client(account)
  }

  static async create(): Promise<World> {
    const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'cloudmount-e2e-')))
    const keys = { accessKeyId: 'person', secretAccessKey: randomBytes(20).toString('hex') }
    const server = await startDemoServer({
      users: [{ ...keys, policy: 'full' }],
      buckets: [{ name: bucket }, { name: secondBucket }],
    })
    const world = new World(folder, server, { endpoint: server.endpoint, ...keys })
    await mkdir(world.home)
    return world
  }

  async start(environment: Record<string, string> = {}): Promise<RunningApp> {
    const app = await RunningApp.start(this, environment)
    this.#apps.push(app)
    return app
  }

  async emptyFolder(name: string): Promise<string> {
    const made = path.join(this.folder, name)
    await mkdir(made)
    return made
  }

  /** An app with one account and one mounted drive, both added in the window. */
  async startWithDrive(): Promise<{ app: RunningApp; window: CloudMountWindow; mountpoint: string }> {
    const mountpoint = await this.emptyFolder('drive')
    const app = await this.start()
    const window = await app.window()
    await window.addAccount(this.account)
    await window.addDrive({ bucket, mountpoint })
    await window.driveIsMounted(bucket)
    return { app, window, mountpoint }
  }

  /** Uploads begin and never end, while everything else is answered. */
  holdUploads(): void {
    this.server.setFaults(({ method }) => (method === 'PUT' || method === 'POST' ? { kind: 'hang' } : undefined))
  }

  letUploads(): void {
    this.server.setFaults(undefined)
  }

  object(key: string, inBucket = bucket): Promise<Buffer | undefined> {
    return this.client.get(inBucket, key)
  }

  /** Of every object there is now. */
  keys(): string[] {
    const keys = this.server.storage.buckets.get(bucket)?.keys
    return Array.from({ length: keys?.length ?? 0 }, (_unused, index) => keys?.at(index) ?? '')
  }

  /** How often a small object was written, whatever it was written over. */
  timesStored(key: string): number {
    return this.server.requestLog.entries({ operation: 'PutObject', bucket, key, status: 200 }).length
  }

  /** Uploads in parts that were begun and are neither complete nor given up. */
  openUploads(): number {
    return this.server.storage.buckets.get(bucket)?.uploads.size ?? 0
  }

  async keepLogs(info: TestInfo): Promise<void> {
    const logs = path.join(this.userData, 'logs')
    const names = await readdir(logs).catch(() => [])
    await mkdir(info.outputDir, { recursive: true })
    for (const name of names) await copyFile(path.join(logs, name), info.outputPath(name))
  }

  /** Every step is taken, whatever became of the one before; the first failure is told. */
  async destroy(): Promise<void> {
    // Uploads that wait for the server end sooner when it answers.
    this.server.setFaults(undefined)
    const steps = [
      ...this.#apps.map((app) => () => app.destroy()),
      () => detachBelow(this.folder),
      () => this.server.stop(),
      () => rm(this.folder, { recursive: true, force: true, maxRetries: 5 }),
    ]
    const failures: unknown[] = []
    for (const step of steps) await step().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
}

export const test = base.extend<{ world: World }, { desktop: undefined }>({
  // eslint-disable-next-line no-empty-pattern
  desktop: [async ({}, use) => withOwnDesktop(use), { scope: 'worker', auto: true }],
  // Playwright reads a fixture's needs from this pattern.
  // eslint-disable-next-line no-empty-pattern
  world: async ({}, use, info) => {
    const world = await World.create()
    try {
      await use(world)
    } finally {
      if (info.status !== info.expectedStatus) await world.keepLogs(info).catch(() => undefined)
      await world.destroy()
    }
  },
})
export { expect } from '@playwright/test'
