/** A worker dies on a real mount and its database is damaged meanwhile: the next worker has every byte that was saved. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createObjectStore } from '../s3/sdk-store.ts'
import { bucketViewOf } from '../testing/bucket-view.ts'
import { mount, mountParams } from '../testing/mounted-fs.ts'
import { startS3Target, type S3Target } from '../testing/s3-target.ts'
import type { WorkerProcess } from '../testing/worker-process.ts'
import { damageMarkName, databaseName } from './rebuild.ts'

describe('a damaged database under a real mount', () => {
  let target: S3Target
  let base: string
  let mountpoint: string
  let worker: WorkerProcess

  beforeEach(async () => {
    target = await startS3Target()
    base = mkdtempSync(join(tmpdir(), 'cloudmount-rebuild-'))
    mountpoint = join(base, 'mount')
    mkdirSync(mountpoint)
  })

  afterEach(async () => {
    await worker.kill()
    await promisify(execFile)('fusermount', ['-uz', mountpoint]).catch(() => undefined)
    rmSync(base, { recursive: true, force: true })
    await target.stop()
  })

  for (const damage of ['overwritten', 'removed', 'met while running']) {
    it(`${damage}: what programs saved is there, reaches the bucket, and the person is told`, async () => {
      const cache = join(base, 'cache')
      const prefix = `rebuild-${randomBytes(6).toString('hex')}/`
      const params = mountParams({ target, prefix, mountpoint, cacheDirectory: cache, options: {} })
      const content = randomBytes(9 * 1024 * 1024)
      worker = await mount(params)
      await files.mkdir(join(mountpoint, 'folder'))
      await files.writeFile(join(mountpoint, 'folder', 'large'), content)
      await files.writeFile(join(mountpoint, 'folder', 'small'), 'saved')
      await worker.kill()

      const database = join(cache, databaseName)
      rmSync(`${database}-wal`, { force: true })
      if (damage === 'overwritten') writeFileSync(database, randomBytes(8192))
      if (damage === 'removed') rmSync(database)
      if (damage === 'met while running') writeFileSync(join(cache, damageMarkName), 'malformed')

      worker = await mount(params)
      const told = worker.events.flatMap((event) => (event.kind === 'notice:raised' ? [event.problem.code] : []))
      expect(told).toContain('database-rebuilt')
      expect((await files.readFile(join(mountpoint, 'folder', 'large'))).equals(content)).toBe(true)
      expect(await files.readFile(join(mountpoint, 'folder', 'small'), 'utf8')).toBe('saved')
      expect(readdirSync(cache).filter((name) => name.startsWith('damaged-'))).toHaveLength(1)

      await worker.link.request('drive:sync', { deadlineMs: 30_000 }, { deadlineMs: 60_000 })
      const store = createObjectStore({ account: target.account, secret: target.secret, bucket: target.bucket })
      const bucket = bucketViewOf(store, prefix)
      expect((await bucket.get('folder/large'))?.equals(content)).toBe(true)
      expect((await bucket.get('folder/small'))?.toString()).toBe('saved')
      store.close()
    })
  }
})
