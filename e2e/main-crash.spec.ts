/** The app itself dies the hardest way, with changes queued and programs in the middle of writing. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isMounted } from './testing/processes.ts'
import { SteadyWriter } from './testing/steady-writer.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(360_000)

/** What the bucket does with uploads until the kill. */
const kills: readonly { moment: string; begin(world: World): void }[] = [
  { moment: 'queued', begin: (world) => world.holdUploads() },
  { moment: 'uploading', begin: (world) => world.letUploads() },
  { moment: 'slow', begin: (world) => world.server.setLatency(300) },
]

test('the app killed again and again comes back with its drive and has lost nothing', async ({ world }) => {
  const { app, mountpoint } = await world.startWithDrive()
  const writer = new SteadyWriter(mountpoint)
  const read = (name: string) => readFile(path.join(mountpoint, name))
  let running = app

  for (const { moment, begin } of kills)
    await test.step(`killed while changes are ${moment}`, async () => {
      begin(world)
      const savedBefore = writer.saved.size
      const writing = writer.run(moment)
      await expect.poll(() => writer.saved.size, { timeout: 30_000 }).toBeGreaterThan(savedBefore + 6)
      await running.kill(() => writer.expectTheEnd())
      await writing
      expect(await isMounted(mountpoint), 'a dead mount is left for the next start to clear').toBe(true)
      expect(writer.cutOff.map(({ name }) => name)).toContain(`${moment}-long.bin`)
      world.letUploads()
      world.server.setLatency(0)

      running = await world.start()
      await (await running.window()).driveIsMounted(bucket)
      for (const [name, content] of writer.saved) expect(content.equals(await read(name)), name).toBe(true)
      for (const { name, promised } of writer.cutOff)
        if (promised.length > 0)
          expect(promised.equals((await read(name)).subarray(0, promised.length)), name).toBe(true)
    })

  await (await running.window()).everythingIsUploaded(bucket)
  for (const [name, content] of writer.saved) {
    expect(content.equals((await world.object(name)) ?? Buffer.alloc(0)), name).toBe(true)
    expect(world.timesStored(name), name).toBe(1)
  }
  for (const { name, promised } of writer.cutOff)
    if (promised.length > 0)
      expect(promised.equals(((await world.object(name)) ?? Buffer.alloc(0)).subarray(0, promised.length)), name).toBe(
        true,
      )
  const known = new Set([...writer.saved.keys(), ...writer.cutOff.map(({ name }) => name)])
  expect(world.keys().filter((key) => !known.has(key))).toEqual([])
  await expect.poll(() => world.openUploads(), { timeout: mountsWithinMs }).toBe(0)
  await running.quit()
})
