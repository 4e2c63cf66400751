/**
 * Every screen of the real window in every look, judged by a machine for accessibility and kept as a picture for a person: light, dark,
 * at twice the size, with names of every script and length, and with what is wrong.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Line } from './testing/line.ts'
import { picture, zoomTo } from './testing/pictures.ts'
import type { RunningApp } from './testing/running-app.ts'
import type { CloudMountWindow, Screen } from './testing/window.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(400_000)

const screens: readonly Screen[] = ['Drives', 'Files', 'Accounts', 'Transfers', 'Conflicts', 'Activity', 'Settings']
const longName = `${'a very long name '.repeat(14)}.txt`
/** A thousand characters, which is as long as a key can be. */
const longPath = `${['one', 'two', 'three'].map((word) => `${word} ${'and on '.repeat(34)}`.trim()).join('/')}/${longName}`
const rightToLeft = 'صور العائلة/رحلة إلى البحر ٢٠٢٦.jpg'

test('every screen in every look is free of accessibility findings, and fits', async ({ world }) => {
  for (const key of [longPath, longName, rightToLeft]) await world.client.put(bucket, key, Buffer.from('content'))
  const { app, window, line } = await windowInUse(world)
  try {
    await window.show('Settings')
    await window.page.getByRole('radio', { name: 'Dark' }).click()
    await expect(window.page.locator('html')).toHaveAttribute('data-theme', 'dark')
    await window.page.getByRole('radio', { name: 'System' }).first().click()
    await lookAtEvery(app, window, 'usual')
    await zoomTo(app, 2)
    await lookAtEvery(app, window, 'twice-the-size')
    await zoomTo(app, 1)
    line.cut()
    await window.show('Drives')
    await expect(window.driveState('photos')).toContainText('Offline', { timeout: mountsWithinMs })
    await lookAtEvery(app, window, 'offline')
  } finally {
    await line.close()
  }
})

async function lookAtEvery(app: RunningApp, window: CloudMountWindow, look: string): Promise<void> {
  for (const screen of screens) {
    await window.show(screen)
    await picture(app, window, `${screen.toLowerCase()}-${look}`)
  }
}

/** One drive with everything uploaded, and one with an upload that hangs and a name of another script, whose line can be cut. */
async function windowInUse(world: World): Promise<{ app: RunningApp; window: CloudMountWindow; line: Line }> {
  const { app, window, mountpoint } = await world.startWithDrive()
  await mkdir(path.join(mountpoint, 'Minutes'))
  await writeFile(path.join(mountpoint, 'Minutes', 'November.txt'), 'All agreed.')
  await window.everythingIsUploaded(bucket)
  const line = await Line.to(world.server.endpoint)
  await window.addAccount({ ...world.account, endpoint: line.endpoint, name: 'Elsewhere' })
  const photos = await world.emptyFolder('photos')
  await window.addDrive({ account: 'Elsewhere', bucket: 'photos', mountpoint: photos })
  await window.driveIsMounted('photos')
  world.holdUploads()
  await writeFile(path.join(photos, longName), Buffer.alloc(2_500_000, 7))
  await expect(window.driveState('photos')).toContainText('Syncing', { timeout: mountsWithinMs })
  return { app, window, line }
}
