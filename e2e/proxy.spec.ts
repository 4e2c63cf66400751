/** A proxy set in the window: tested, saved, taken over by a drive that is mounted, and its password nowhere but in the keychain. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ForwardProxy } from '../fuse-worker/testing/forward-proxy.ts'
import { picture } from './testing/pictures.ts'
import { bucket, expect, test } from './testing/world.ts'

test.setTimeout(300_000)
const soon = { timeout: 60_000 }
const password = 'proxy-passw0rd'

test('a drive goes by the proxy as soon as it is saved, and says what is wrong with it', async ({ world }) => {
  const proxy = await ForwardProxy.start({ [new URL(world.server.endpoint).host]: world.server.port })
  const { port } = proxy
  proxy.credentials = { user: 'ana', password }
  try {
    const { app, window, mountpoint } = await world.startWithDrive()
    const { page } = window
    await window.everythingIsUploaded(bucket)
    await window.show('Settings')
    const card = page.getByRole('region', { name: 'Proxy' })
    await card.getByRole('radio', { name: 'This proxy' }).click()
    await card.getByRole('textbox', { name: 'Proxy for https' }).fill(`127.0.0.1:${port}`)
    await card.getByRole('textbox', { name: 'Reached without it (optional)' }).fill('')
    await card.getByRole('button', { name: 'Test proxy' }).click()
    await expect(card.getByRole('status')).toContainText('does not accept the name and password', soon)
    await picture(app, window, 'proxy-refuses')
    await card.getByRole('textbox', { name: 'Name (optional)' }).fill('ana')
    await card.getByLabel('Password').fill(password)
    await card.getByRole('button', { name: 'Test proxy' }).click()
    await expect(card.getByRole('status')).toContainText(`${world.server.endpoint} answers.`, soon)
    const before = proxy.passed.length
    expect(before).toBeGreaterThan(0)
    await card.getByRole('button', { name: 'Save proxy' }).click()
    await expect(page.getByText('The proxy was saved.')).toBeVisible(soon)
    await expect.poll(() => proxy.passed.length, soon).toBeGreaterThan(before)
    const through = proxy.passed.length
    await writeFile(path.join(mountpoint, 'by-proxy.txt'), 'by the proxy')
    await expect.poll(() => world.timesStored('by-proxy.txt'), soon).toBe(1)
    expect(proxy.passed.slice(through).map(({ method }) => method)).toContain('PUT')

    await proxy.stop()
    await writeFile(path.join(mountpoint, 'later.txt'), 'later')
    await window.show('Drives')
    await expect(window.card(bucket)).toContainText(`The proxy at 127.0.0.1:${port} could not be reached.`, soon)
    await picture(app, window, 'drive-offline-by-proxy')
    await window.show('Settings')
    await card.getByRole('radio', { name: 'No proxy' }).click()
    await window.show('Drives')
    await window.everythingIsUploaded(bucket)
    expect(world.timesStored('later.txt')).toBe(1)

    for (const name of await readdir(world.userData, { recursive: true })) {
      const text = await readFile(path.join(world.userData, name), 'latin1').catch(() => '')
      expect(text.includes(password), name).toBe(false)
    }
    await app.quit()
  } finally {
    await proxy.stop().catch(() => undefined)
  }
})
