/** What ends with the window, what ends with the app, and what neither may end. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { picture } from './testing/pictures.ts'
import { isMounted } from './testing/processes.ts'
import { mountsWithinMs } from './testing/window.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(240_000)

test('closing the window keeps the drive mounted and its uploads going', async ({ world }) => {
  const { app, mountpoint } = await world.startWithDrive()
  await app.closeWindow()
  expect(await isMounted(mountpoint)).toBe(true)

  await writeFile(path.join(mountpoint, 'unseen.txt'), 'written without a window')
  await expect.poll(async () => (await world.object('unseen.txt'))?.toString(), { timeout: mountsWithinMs }).toBe(
    'written without a window',
  ) // prettier-ignore
  const shown = await app.showAgain()
  await shown.driveIsMounted(bucket)
  await app.quit()
  expect(await isMounted(mountpoint)).toBe(false)
})

test('closing the window quits, with its question, once the person does not want it to keep running', async ({
  world,
}) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  world.holdUploads()
  await writeFile(path.join(mountpoint, 'unsent.txt'), 'not in the bucket')
  await expect(window.driveState(bucket)).toContainText('1 change', { timeout: mountsWithinMs })
  await window.show('Settings')
  await window.page.getByRole('switch', { name: 'Keep running when the window is closed' }).click()
  await expect(window.page.getByRole('switch', { name: 'Keep running when the window is closed' })).not.toBeChecked()
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().forEach((each) => each.close()))
  const question = window.question('Quit before everything is uploaded?')
  await question.getByRole('button', { name: 'Quit now, upload later' }).click({ timeout: mountsWithinMs })
  await app.ended()
  expect(await isMounted(mountpoint)).toBe(false)
})

test('quitting before everything is uploaded asks, and what is left queued uploads after the next start', async ({
  world,
}) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  const content = randomBytes(1024 * 1024 + 3)
  const file = path.join(mountpoint, 'unsent.bin')
  world.holdUploads()
  await writeFile(file, content)
  await expect(window.driveState(bucket)).toContainText('Syncing 1 change')
  const question = window.question('Quit before everything is uploaded?')

  await test.step('the answer “Don’t quit” leaves everything as it was', async () => {
    await app.askToQuit()
    await expect(question).toContainText('1 change (1.05 MB) is not in the bucket yet.')
    await picture(app, window, 'quit-question')
    await question.getByRole('button', { name: 'Don’t quit' }).click()
    await expect(question).toBeHidden()
    expect(await isMounted(mountpoint)).toBe(true)
  })

  await test.step('the answer “Quit now, upload later” ends it at once', async () => {
    await app.askToQuit()
    await question.getByRole('button', { name: 'Quit now, upload later' }).click()
    await app.ended()
    expect(await isMounted(mountpoint)).toBe(false)
    expect(await world.object('unsent.bin')).toBeUndefined()
  })

  await test.step('the next start uploads it by itself', async () => {
    world.letUploads()
    const again = await world.start()
    const opened = await again.window()
    await opened.driveIsMounted(bucket)
    await opened.everythingIsUploaded(bucket)
    expect(content.equals((await world.object('unsent.bin')) ?? Buffer.alloc(0))).toBe(true)
    expect(content.equals(await readFile(file))).toBe(true)
    await again.quit()
  })
})

test('the answer “Upload, then quit” waits until the bucket has everything', async ({ world }) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  world.holdUploads()
  await writeFile(path.join(mountpoint, 'awaited.txt'), 'awaited')
  await expect(window.driveState(bucket)).toContainText('Syncing 1 change')
  await app.askToQuit()
  await window
    .question('Quit before everything is uploaded?')
    .getByRole('button', { name: 'Upload, then quit' })
    .click()
  await expect(window.question('Uploading before quitting')).toContainText('1 change left')
  await picture(app, window, 'quit-waits')
  expect(app.hasEnded()).toBe(false)
  // The upload that hangs is given up by the app itself and tried again.
  world.letUploads()
  await app.ended()
  expect((await world.object('awaited.txt'))?.toString()).toBe('awaited')
  expect(await isMounted(mountpoint)).toBe(false)
})

test('a signal ends the app without a question, and what is left queued stays on this computer', async ({ world }) => {
  const { app, window, mountpoint } = await world.startWithDrive()
  world.holdUploads()
  await writeFile(path.join(mountpoint, 'left.txt'), 'left')
  await expect(window.driveState(bucket)).toContainText('Syncing 1 change')
  app.terminate()
  await app.ended()
  expect(await isMounted(mountpoint)).toBe(false)

  world.letUploads()
  const again = await world.start()
  const opened = await again.window()
  await opened.driveIsMounted(bucket)
  await opened.everythingIsUploaded(bucket)
  expect((await world.object('left.txt'))?.toString()).toBe('left')
  await again.quit()
})
