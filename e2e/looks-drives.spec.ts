/** A drive in every state it can be in, and the dialogs and questions about it. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Line } from './testing/line.ts'
import { picture, zoomTo } from './testing/pictures.ts'
import { kill } from './testing/processes.ts'
import type { RunningApp } from './testing/running-app.ts'
import { mountsWithinMs, type CloudMountWindow } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(600_000)
const soon = { timeout: mountsWithinMs }
const name = 'papers'

test('a drive in every state, and what is asked about it', async ({ world }) => {
  const line = await Line.to(world.server.endpoint)
  try {
    await throughEveryState(world, line)
  } finally {
    await line.close()
  }
})

test('a drive whose process dies again and again says when it comes back', async ({ world }) => {
  const { app, window } = await world.startWithDrive()
  // The wait before the next start doubles each time, until it is long enough to be seen.
  for (let times = 0; times < 6; times += 1) {
    await window.driveIsMounted(name)
    for (const pid of await app.workerPids()) kill(pid)
    await expect(window.driveState(name)).toContainText('Restarting', soon)
  }
  await picture(app, window, 'drive-restarting')
  await window.driveIsMounted(name)
})

async function throughEveryState(world: World, line: Line): Promise<void> {
  const app = await world.start()
  const window = await app.window()
  const { page } = window
  const look = (title: string) => picture(app, window, title)
  const mountpoint = await world.emptyFolder('drive')
  await window.addAccount({ ...world.account, endpoint: line.endpoint, name: 'Office' })

  await test.step('the form of a new one', async () => {
    await window.show('Drives')
    await page.getByRole('button', { name: 'Add drive' }).click()
    const dialog = await window.fillDrive({ bucket, mountpoint })
    await dialog.getByRole('button', { name: 'More options' }).click()
    await dialog.getByRole('combobox', { name: 'Freshness' }).scrollIntoViewIfNeeded()
    await look('drive-form-options')
    await zoomTo(app, 2)
    await look('drive-form-twice-the-size')
    await zoomTo(app, 1)
    await dialog.getByRole('button', { name: 'Add and mount' }).click()
    await window.driveIsMounted(name)
    await window.everythingIsUploaded(name)
  })

  await test.step('mounted, with its menu and dialogs', async () => {
    await menu(window)
    await look('drive-menu')
    await page.getByRole('menuitem', { name: 'Keep offline…' }).click()
    await expect(window.dialog('Keep offline')).toBeVisible()
    await look('drive-kept-offline')
    await page.keyboard.press('Escape')
    await settings(window, app)
  })

  await test.step('read only, beside another', async () => {
    const photos = await world.emptyFolder('photos')
    await page.getByRole('button', { name: 'Add drive' }).click()
    const dialog = await window.fillDrive({ bucket: 'photos', mountpoint: photos })
    await dialog.getByRole('switch', { name: 'Read only' }).click()
    await dialog.getByRole('button', { name: 'Add and mount' }).click()
    await window.driveIsMounted('photos')
    await look('drive-read-only')
  })

  await test.step('with changes that are on their way, and every question about them', async () => {
    world.holdUploads()
    await writeFile(path.join(mountpoint, 'November.txt'), 'nowhere else')
    await writeFile(path.join(mountpoint, 'December.txt'), 'nowhere else either')
    await expect(window.driveState(name)).toContainText('Syncing 2 changes', soon)
    await look('drive-syncing')
    await questions(window, app)
  })

  await test.step('paused, for an hour and until tomorrow', async () => {
    await page.getByRole('button', { name: 'Pause all' }).click()
    await look('drives-pause-menu')
    await page.getByRole('menuitem', { name: 'Pause for 1 hour' }).click()
    await expect(window.driveState(name)).toContainText('Paused until', soon)
    await look('drive-paused-for-an-hour')
    await page.getByRole('button', { name: 'Resume all' }).click()
    await menu(window)
    await page.getByRole('menuitem', { name: 'Pause until tomorrow' }).click()
    await expect(window.driveState(name)).toContainText('Paused until tomorrow', soon)
    await look('drive-paused-until-tomorrow')
  })

  await test.step('offline', async () => {
    line.cut()
    await expect(window.driveState(name)).toContainText('Offline', soon)
    await look('drive-offline-and-paused')
    await window.card(name).getByRole('button', { name: 'Resume' }).click()
    await expect(window.driveState(name)).toContainText('2 changes upload when', soon)
    await window.card(name).getByRole('button', { name: 'Unmount', exact: true }).click()
    await expect(window.question('Unmount “papers”?')).toBeVisible()
    await look('drive-unmount-offline')
    await page.keyboard.press('Escape')
    line.mend()
  })

  await test.step('with changes that the service refuses', async () => {
    world.server.setFaults(({ method, key }) =>
      method === 'PUT' && key !== undefined ? { kind: 'error', status: 400, code: 'InvalidArgument' } : undefined,
    )
    await expect(window.card(name)).toContainText('does not accept the request for', soon)
    await look('drive-changes-blocked')
  })
}

async function menu(window: CloudMountWindow): Promise<void> {
  await window.card(name).getByRole('button', { name: 'More actions' }).click()
  await expect(window.page.getByRole('menu')).toBeVisible()
}

async function settings(window: CloudMountWindow, app: RunningApp): Promise<void> {
  await menu(window)
  await window.page.getByRole('menuitem', { name: 'Edit…' }).click()
  const dialog = window.dialog('Edit “papers”')
  await picture(app, window, 'drive-settings')
  await dialog.getByRole('button', { name: 'More options' }).click()
  await dialog.getByRole('textbox', { name: 'Cache limit in GB' }).fill('plenty')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByText(/Enter a number of gigabytes/)).toBeVisible()
  await picture(app, window, 'drive-settings-wrong')
  await zoomTo(app, 2)
  await picture(app, window, 'drive-settings-twice-the-size')
  await zoomTo(app, 1)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
}

async function questions(window: CloudMountWindow, app: RunningApp): Promise<void> {
  const { page } = window
  const unmount = window.card(name).getByRole('button', { name: 'Unmount', exact: true })
  await unmount.click()
  const question = window.question(/papers/)
  await expect(question).toContainText('2 changes')
  await picture(app, window, 'drive-unmount-question')
  await question.getByRole('button', { name: 'Upload, then unmount' }).click()
  await expect(question).toContainText('2 changes left')
  await picture(app, window, 'drive-unmount-waits')
  await question.getByRole('button', { name: 'Cancel' }).click()
  await menu(window)
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await expect(window.question('Remove “papers”?')).toBeVisible()
  await picture(app, window, 'drive-remove-question')
  await page.keyboard.press('Escape')
  await window.show('Accounts')
  await window.card('Office').getByRole('button', { name: 'Remove' }).click()
  await expect(window.question('Remove “Office”?')).toContainText('papers')
  await picture(app, window, 'account-remove-question')
  await page.keyboard.press('Escape')
  await window.show('Drives')
}
