/** The process behind a drive dies the hardest way. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { kill } from './testing/processes.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(240_000)

test('a drive whose process is killed says so, comes back by itself, and has lost nothing', async ({ world }) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  const content = randomBytes(5 * 1024 * 1024 + 1)
  const file = path.join(mountpoint, 'just before.bin')
  const read = () => readFile(file).catch(() => undefined)
  await expect.poll(() => app.workerPids(), { timeout: 30_000 }).toHaveLength(1)
  const [killed = 0] = await app.workerPids()
  const said = await window.recordStatesOf(bucket)

  await writeFile(file, content)
  kill(killed)

  await expect.poll(said, { timeout: mountsWithinMs }).toContainEqual(expect.stringContaining('Restarting'))
  await expect.poll(async () => (await read())?.equals(content), { timeout: mountsWithinMs }).toBe(true)
  await window.driveIsMounted(bucket)
  await window.everythingIsUploaded(bucket)
  expect(content.equals((await world.object('just before.bin')) ?? Buffer.alloc(0))).toBe(true)
  expect(await app.workerPids()).not.toContain(killed)
  await app.quit()
})
