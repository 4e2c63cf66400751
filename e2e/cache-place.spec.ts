/** The caches go to another folder with a change that is nowhere else, and neither a kill nor a program in the way loses it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { picture } from './testing/pictures.ts'
import { kill } from './testing/processes.ts'
import { projectRoot, type RunningApp } from './testing/running-app.ts'
import type { CloudMountWindow } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(240_000)

/** On a real disk: where temporary files are kept in memory, that is refused. */
const chosenRoot = path.join(projectRoot, 'test-results', 'cache-places')
let chosen: string

test.beforeEach(async () => {
  await mkdir(chosenRoot, { recursive: true })
  chosen = await mkdtemp(path.join(chosenRoot, 'disk-'))
})
test.afterEach(() => rm(chosen, { recursive: true, force: true }))

async function chooseFolder(app: RunningApp, window: CloudMountWindow, folder: string): Promise<void> {
  // The system's own dialog belongs to no test.
  await app.electron.evaluate(({ dialog }, filePath) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [filePath] })
  }, folder)
  await window.show('Settings')
  await window.page.getByRole('button', { name: 'Change…' }).click()
}

const place = () => path.join(chosen, 'CloudMount cache')
const cacheCard = (window: CloudMountWindow) => window.page.getByRole('region', { name: 'Cache' })

test('a queued change moves with the caches and is uploaded from there, also after a restart', async ({ world }) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  world.holdUploads()
  await writeFile(path.join(mountpoint, 'only here.txt'), 'nowhere else')
  await expect(window.driveState(bucket)).toContainText('1 change', { timeout: 30_000 })

  await chooseFolder(app, window, chosen)
  const question = window.question('Move the caches?')
  await expect(question).toContainText('1 change', { timeout: 30_000 })
  await expect(question).toContainText(place())
  await picture(app, window, 'cache-move-question')
  await question.getByRole('button', { name: 'Move', exact: true }).click()
  await expect(cacheCard(window)).toContainText('Moved.', { timeout: 60_000 })
  await expect(cacheCard(window)).toContainText(place())
  const [id] = await readdir(place())
  expect(existsSync(path.join(world.userData, 'drives', id ?? ''))).toBe(false)

  await window.show('Drives')
  await window.driveIsMounted(bucket)
  expect(await readFile(path.join(mountpoint, 'only here.txt'), 'utf8')).toBe('nowhere else')
  expect(await world.object('only here.txt')).toBeUndefined()
  world.letUploads()
  await expect
    .poll(async () => (await world.object('only here.txt'))?.toString(), { timeout: 60_000 })
    .toBe('nowhere else')
  await app.quit()

  const again = await (await world.start()).window()
  await again.show('Settings')
  await expect(cacheCard(again)).toContainText(place())
})

test('a program in the way is named, and nothing was moved', async ({ world }) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  const open = await openFileIn(mountpoint)
  try {
    await chooseFolder(app, window, chosen)
    await window.question('Move the caches?').getByRole('button', { name: 'Move', exact: true }).click()
    await expect(cacheCard(window).getByRole('alert')).toContainText('caches are still in', { timeout: 60_000 })
    await picture(app, window, 'cache-move-refused')
    expect(await readdir(chosen)).toEqual([])
    await window.show('Drives')
    await window.driveIsMounted(bucket)
  } finally {
    open.kill()
  }
})

test('killed while it copies, the application goes on in the old place', async ({ world }) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  world.holdUploads()
  // Long enough to copy for the kill to come in between.
  await writeFile(path.join(mountpoint, 'large.bin'), Buffer.alloc(150_000_000, 'x'))
  await writeFile(path.join(mountpoint, 'only here.txt'), 'nowhere else')
  await expect(window.driveState(bucket)).toContainText('2 changes', { timeout: 30_000 })
  await breakLinks(app)
  await chooseFolder(app, window, chosen)
  await window.question('Move the caches?').getByRole('button', { name: 'Move', exact: true }).click()
  await expect.poll(() => sizeOf(place()), { timeout: 60_000, intervals: [5] }).toBeGreaterThan(1_000_000)
  await app.kill(() => undefined)

  world.letUploads()
  const again = await (await world.start()).window()
  await again.driveIsMounted(bucket)
  await expect
    .poll(async () => (await world.object('only here.txt'))?.toString(), { timeout: 60_000 })
    .toBe('nowhere else')
  await expect.poll(async () => (await world.object('large.bin'))?.length, { timeout: 60_000 }).toBe(150_000_000)
  await expect.poll(() => readdir(chosen), { timeout: 30_000 }).toEqual([])
})

/** A process that keeps a file of the drive open. */
async function openFileIn(folder: string): Promise<{ kill(): void }> {
  await writeFile(path.join(folder, 'in use.txt'), 'x')
  const script = "require('fs').openSync(process.argv[1]); console.log('open'); setInterval(() => {}, 1e6)"
  const child = spawn(process.execPath, ['-e', script, path.join(folder, 'in use.txt')])
  await once(child.stdout, 'data')
  return {
    kill: () => {
      if (child.pid !== undefined) kill(child.pid)
    },
  }
}

/** As if the folders were on two disks: everything is copied. */
async function breakLinks(app: RunningApp): Promise<void> {
  await app.electron.evaluate(() => {
    // A module of main's own kind; an import of here would be another one.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const files = process.mainModule?.require('node:fs/promises') as { link: () => Promise<void> }
    files.link = () => Promise.reject(new Error('EXDEV'))
  })
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = names.map((name) =>
    stat(path.join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
