/** Every screen of the real window, judged by a machine for accessibility and kept as a picture for a person. */
import AxeBuilder from '@axe-core/playwright'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { CloudMountWindow, Screen } from './testing/window.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(240_000)

const screens: readonly Screen[] = ['Drives', 'Accounts', 'Transfers', 'Conflicts', 'Settings']

test('every screen is free of accessibility findings, in light and in dark', async ({ world }) => {
  const window = await windowInUse(world)
  for (const theme of ['Light', 'Dark'] as const) {
    await window.show('Settings')
    await window.page.getByRole('radio', { name: theme }).click()
    await expect(window.page.locator('html')).toHaveAttribute('data-theme', theme.toLowerCase())
    for (const screen of screens) {
      await window.show(screen)
      await window.page.screenshot({
        path: `test-results/app-pictures/${screen.toLowerCase()}-${theme.toLowerCase()}.png`,
      })
      const { violations } = await new AxeBuilder({ page: window.page }).setLegacyMode(true).analyze()
      const findings = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
      expect.soft(findings, `${screen}, ${theme}`).toEqual([])
    }
  }
})

/** One drive with everything uploaded, and one with an upload that hangs. */
async function windowInUse(world: World): Promise<CloudMountWindow> {
  const { window, mountpoint } = await world.startWithDrive()
  await mkdir(path.join(mountpoint, 'Minutes'))
  await writeFile(path.join(mountpoint, 'Minutes', 'November.txt'), 'All agreed.')
  await window.everythingIsUploaded(bucket)
  const photos = await world.emptyFolder('photos')
  await window.addDrive({ bucket: 'photos', mountpoint: photos })
  await window.driveIsMounted('photos')
  world.holdUploads()
  await writeFile(
    path.join(photos, 'a walk in the hills, the long way round and back again.jpg'),
    Buffer.alloc(2_500_000, 7),
  )
  await expect(window.driveState('photos')).toContainText('Syncing', { timeout: mountsWithinMs })
  return window
}
