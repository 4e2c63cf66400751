/** Drives are apart: in the bucket, in their processes, and in what a click on one does. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isMounted } from './testing/processes.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(240_000)

test('two folders of one bucket are two drives at once, each with its own files', async ({ world }) => {
  const app = await world.start()
  const window = await app.window()
  const names = ['alpha', 'beta'] as const
  const places = { alpha: await world.emptyFolder('alpha'), beta: await world.emptyFolder('beta') }
  await window.addAccount(world.account)
  for (const name of names) await window.addDrive({ bucket, folder: name, mountpoint: places[name] })
  for (const name of names) await window.driveIsMounted(name)
  await expect.poll(async () => (await app.workerPids()).length, { timeout: 30_000 }).toBe(2)

  await Promise.all(names.map((name) => writeFile(path.join(places[name], 'same name.txt'), `of ${name}`)))
  for (const name of names) {
    const stored = async () => (await world.object(`${name}/same name.txt`))?.toString()
    await expect.poll(stored, { timeout: mountsWithinMs }).toBe(`of ${name}`)
    expect(await readdir(places[name])).toEqual(['same name.txt'])
  }

  await window.card('alpha').getByRole('button', { name: 'Unmount', exact: true }).click()
  await expect(window.driveState('alpha')).toContainText('Not mounted', { timeout: 30_000 })
  expect(await isMounted(places.alpha)).toBe(false)
  expect(await isMounted(places.beta)).toBe(true)
  expect(await readFile(path.join(places.beta, 'same name.txt'), 'utf8')).toBe('of beta')
  await app.quit()
  expect(await isMounted(places.beta)).toBe(false)
})
