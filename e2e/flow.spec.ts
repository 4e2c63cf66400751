/** What a person sees of bytes on their way: space, speed, pauses, the tray, and a network that goes and comes back. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Line } from './testing/line.ts'
import { TrayMenu } from './testing/tray.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(240_000)

const megabyte = 1_000_000
const isolated = (name: string): string => `\u2068${name}\u2069`

test('a drive tells its space and its speed, is paused as a whole and one change at a time, and the tray leads to what was sent', async ({
  world,
}) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  const tray = await TrayMenu.of(app.electron)
  const card = window.card(bucket)
  const space = card.getByRole('list', { name: 'Space on this computer' })

  await test.step('what is not uploaded is told apart from what can be freed', async () => {
    world.holdUploads()
    await writeFile(path.join(mountpoint, 'held.bin'), randomBytes(3 * megabyte))
    await expect(window.driveState(bucket)).toContainText('Syncing 1 change')
    await expect(space.getByRole('listitem').first()).toContainText('Not uploaded: 1 change, 3 MB')
    await expect(card).toContainText('3 MB on this computer, with no limit but the disk')
    await expect.poll(() => tray.labels()).toContain('3 MB not in the bucket yet')
  })

  await test.step('a pause of an hour says until when; resumed, everything arrives', async () => {
    await card.getByRole('button', { name: 'More actions' }).click()
    await window.page.getByRole('menuitem', { name: 'Pause for 1 hour' }).click()
    await expect(window.driveState(bucket)).toContainText(/Paused until .*\d\d:\d\d/)
    await expect(window.driveState(bucket)).toContainText('1 change waits. Files open as usual.')
    world.letUploads()
    await card.getByRole('button', { name: 'Resume' }).click()
    await window.everythingIsUploaded(bucket)
    await expect(space).toContainText('Can be freed: 3 MB')
    await expect(space).toContainText('Not uploaded: 0 bytes')
    await expect(card.getByRole('img')).toHaveAccessibleName(/^In the last minute: uploads at/)
  })

  await test.step('one change is paused and resumed by itself', async () => {
    world.holdUploads()
    await writeFile(path.join(mountpoint, 'single.bin'), randomBytes(2 * megabyte))
    await window.show('Transfers')
    const row = window.transfer('single.bin')
    await row.getByRole('button', { name: 'Pause single.bin' }).click({ timeout: 30_000 })
    await expect(row).toContainText('Paused')
    await window.show('Drives')
    await expect(window.driveState(bucket)).toContainText('1 change waits until you resume under Transfers.')
    world.letUploads()
    await window.show('Transfers')
    await row.getByRole('button', { name: 'Resume single.bin' }).click()
    await window.show('Drives')
    await window.everythingIsUploaded(bucket)
    expect((await world.object('single.bin'))?.length).toBe(2 * megabyte)
  })

  await test.step('one change is given up, and the bucket never has it', async () => {
    world.holdUploads()
    await writeFile(path.join(mountpoint, 'unwanted.bin'), randomBytes(megabyte))
    await window.show('Transfers')
    await window
      .transfer('unwanted.bin')
      .getByRole('button', { name: 'Cancel unwanted.bin…' })
      .click({ timeout: 30_000 })
    await window.dialog('Cancel “unwanted.bin”?').getByRole('button', { name: 'Discard my change' }).click()
    await window.show('Drives')
    await window.everythingIsUploaded(bucket)
    world.letUploads()
    expect(await world.object('unwanted.bin')).toBeUndefined()
  })

  await test.step('the tray has what was sent, the last one first, and shows it in its folder', async () => {
    await expect.poll(() => tray.labels('Recent files')).toEqual([isolated('single.bin'), isolated('held.bin')])
    await expect.poll(() => tray.labels()).toContain('Safe to shut down: everything is in the bucket')
    await tray.choose('Recent files', isolated('held.bin'))
    expect(await tray.shownFiles()).toEqual([path.join(mountpoint, 'held.bin')])
  })
  await app.quit()
})

test('a network that is cut and restored: each state in words, and nothing to do but wait', async ({ world }) => {
  const line = await Line.to(world.server.endpoint)
  try {
    const mountpoint = await world.emptyFolder('drive')
    const app = await world.start()
    const window = await app.window()
    await window.addAccount({ ...world.account, endpoint: line.endpoint })
    await window.addDrive({ bucket, mountpoint })
    await window.driveIsMounted(bucket)
    await writeFile(path.join(mountpoint, 'online.txt'), 'written before')
    await expect.poll(() => world.keys(), { timeout: mountsWithinMs }).toContain('online.txt')
    await window.everythingIsUploaded(bucket)
    line.cut()
    await writeFile(path.join(mountpoint, 'offline.txt'), 'written without a network')
    await expect(window.driveState(bucket)).toContainText('Offline', { timeout: mountsWithinMs })
    await expect(window.driveState(bucket)).toContainText('1 change uploads when the connection is back.')
    await expect(window.card(bucket).getByRole('button', { name: 'Try now' })).toBeVisible()
    line.mend()
    await window.everythingIsUploaded(bucket)
    expect((await world.object('offline.txt'))?.toString()).toBe('written without a network')
    await app.quit()
  } finally {
    await line.close()
  }
})
