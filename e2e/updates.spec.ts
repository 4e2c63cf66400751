/** A new version from a real web server, as electron-builder lays it out: found, checked, and installed only after the person said so. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { picture } from './testing/pictures.ts'
import type { CloudMountWindow } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(240_000)

const card = (window: CloudMountWindow) => window.page.getByRole('region', { name: 'Updates' })
const news = (window: CloudMountWindow) => card(window).getByRole('status')

/** The new version: a program that says that it was started. */
const programFor = (world: World) => `#!/bin/sh\necho started > '${path.join(world.folder, 'started')}'\n`

test('each channel has its own versions, and a feed that is silent is a calm sentence', async ({ world }) => {
  const feed = await startFeed({
    'beta-linux.yml': release('9.0.0-beta.1', 'x'),
    'latest-linux.yml': release('0.0.1', 'x'),
  })
  try {
    const { app, window } = await startFrom(world, feed.url)
    await expect(card(window)).toContainText('It was not looked for a new version yet.')
    expect(feed.requests).toEqual([])
    const check = card(window).getByRole('button', { name: 'Check for updates' })
    await check.click()
    await expect(news(window)).toContainText('This is the newest version.', { timeout: 30_000 })
    await card(window).getByRole('radio', { name: 'Beta' }).click()
    await check.click()
    await expect(news(window)).toContainText('Version 9.0.0-beta.1 is available.', { timeout: 30_000 })
    await card(window).scrollIntoViewIfNeeded()
    await picture(app, window, 'update-available')
    expect(feed.requests.map((url) => url.split('?')[0])).toEqual(['/latest-linux.yml', '/beta-linux.yml'])
    await card(window).getByRole('radio', { name: 'Off' }).click()
    await expect(check).toBeHidden()
    await card(window).getByRole('radio', { name: 'Stable' }).click()
    await feed.close()
    await check.click()
    await expect(card(window).getByRole('alert')).toContainText('This version goes on working.', { timeout: 30_000 })
    await picture(app, window, 'update-feed-silent')
    await expect(check).toBeEnabled()
  } finally {
    await feed.close()
  }
})

test('a version that is not what was published is thrown away', async ({ world }) => {
  const feed = await startFeed({
    'latest-linux.yml': release('9.0.0', 'published'),
    'CloudMount-9.0.0.AppImage': 'tampered!',
  })
  try {
    const { window, appImage } = await startFrom(world, feed.url)
    await card(window).getByRole('button', { name: 'Check for updates' }).click()
    await card(window).getByRole('button', { name: 'Download' }).click({ timeout: 30_000 })
    await expect(card(window).getByRole('alert')).toContainText('was thrown away', { timeout: 60_000 })
    expect(await readFile(appImage, 'utf8')).toBe('the old version')
  } finally {
    await feed.close()
  }
})

test('it is installed after the question about changes that are not in the bucket, and not before', async ({
  world,
}) => {
  const program = programFor(world)
  const feed = await startFeed({ 'latest-linux.yml': release('9.0.0', program), 'CloudMount-9.0.0.AppImage': program })
  try {
    const { app, window, appImage } = await startFrom(world, feed.url)
    const mountpoint = await world.emptyFolder('drive')
    await window.addAccount(world.account)
    await window.addDrive({ bucket, mountpoint })
    await window.driveIsMounted(bucket)
    world.holdUploads()
    await writeFile(path.join(mountpoint, 'only here.txt'), 'nowhere else')
    await expect(window.driveState(bucket)).toContainText('1 change', { timeout: 30_000 })

    await window.show('Settings')
    await card(window).getByRole('button', { name: 'Check for updates' }).click()
    await card(window).getByRole('button', { name: 'Download' }).click({ timeout: 30_000 })
    const restart = card(window).getByRole('button', { name: 'Restart and install' })
    await restart.click({ timeout: 60_000 })
    const question = window.question('Quit before everything is uploaded?')
    await question.getByRole('button', { name: 'Don’t quit' }).click({ timeout: 30_000 })
    await expect(question).toBeHidden()
    expect(await readFile(appImage, 'utf8')).toBe('the old version')

    await restart.click()
    world.letUploads()
    await question.getByRole('button', { name: 'Upload, then quit' }).click({ timeout: 30_000 })
    await app.ended()
    expect((await world.object('only here.txt'))?.toString()).toBe('nowhere else')
    expect(await readFile(appImage, 'utf8')).toBe(program)
    expect((await stat(appImage)).mode & 0o111).not.toBe(0)
    await expect.poll(() => existsSync(path.join(world.folder, 'started')), { timeout: 30_000 }).toBe(true)
  } finally {
    await feed.close()
  }
})

test('a copy that runs from its source says how it is updated, and asks nobody', async ({ world }) => {
  const window = await (await world.start()).window()
  await window.show('Settings')
  await expect(news(window)).toContainText('runs from its source')
  await expect(card(window).getByRole('button')).toHaveCount(0)
})

async function startFrom(world: World, feedUrl: string) {
  const appImage = path.join(world.folder, 'CloudMount.AppImage')
  await writeFile(appImage, 'the old version')
  const app = await world.start({
    APPIMAGE: appImage,
    CLOUDMOUNT_UPDATE_FEED: feedUrl,
    XDG_CACHE_HOME: path.join(world.folder, 'cache'),
  })
  const window = await app.window()
  await window.show('Settings')
  return { app, window, appImage }
}

/** The file that electron-builder writes beside an AppImage. */
function release(version: string, content: string): string {
  const sha512 = createHash('sha512').update(content).digest('base64')
  const name = `CloudMount-${version}.AppImage`
  const size = Buffer.byteLength(content)
  return [
    `version: ${version}`,
    'files:',
    `  - url: ${name}`,
    `    sha512: ${sha512}`,
    `    size: ${size}`,
    `path: ${name}`,
    `sha512: ${sha512}`,
    "releaseDate: '2026-11-21T10:00:00.000Z'",
    '',
  ].join('\n')
}

async function startFeed(files: Record<string, string>) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const content = files[new URL(request.url ?? '/', 'http://feed').pathname.slice(1)]
    if (content === undefined) response.statusCode = 404
    response.end(content)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    if (!server.listening) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests, close }
}
