/** A computer that cannot mount yet. Its system is a folder: what is installed there is installed nowhere else. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { picture } from './testing/pictures.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

/** A Debian without fusermount, and a pkexec that waits, says what it is asked, and lets it be done. */
async function debianWithoutFuse(
  world: World,
): Promise<{ root: string; permit(): Promise<void>; asked(): Promise<string> }> {
  const root = path.join(world.folder, 'system')
  const files = {
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    'etc/ld.so.cache': 'libfuse.so.2\0',
    'dev/fuse': '',
    'usr/bin/apt-get': `#!/bin/sh\necho "Setting up fuse3 ..."\ntouch '${root}/usr/bin/fusermount'\n`,
    'usr/bin/pkexec': `#!/bin/sh\necho "$@" >> '${root}/asked'
while [ ! -e '${root}/permitted' ]; do sleep 0.1; done\nshift\nexec "$@"\n`,
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true })
    await writeFile(path.join(root, name), content)
    await chmod(path.join(root, name), 0o755)
  }
  return {
    root,
    permit: () => writeFile(path.join(root, 'permitted'), ''),
    asked: () => readFile(path.join(root, 'asked'), 'utf8').catch(() => ''),
  }
}

test('a computer without FUSE says so, installs it when asked to, and can mount then', async ({ world }) => {
  const system = await debianWithoutFuse(world)
  const app = await world.start({ CLOUDMOUNT_SYSTEM_ROOT: system.root })
  const window = await app.window()
  const { page } = window
  const setup = page.getByRole('region', { name: 'Drives cannot be mounted' })

  await test.step('an account is added and tested meanwhile', async () => {
    await expect(setup).toContainText('fusermount')
    await picture(app, window, 'fuse-missing')
    await window.addAccount(world.account)
    await window.show('Drives')
    await expect(setup).toBeVisible()
  })

  await test.step('nothing is run before the click, and then exactly what was shown', async () => {
    const shown = await setup.getByLabel('Command').textContent()
    expect(shown).toContain('apt-get install --yes fuse3')
    expect(await system.asked()).toBe('')
    await setup.getByRole('button', { name: 'Install as administrator' }).click()
    await expect(setup.getByRole('status')).toContainText('administrator’s password')
    await picture(app, window, 'fuse-asks')
    await expect.poll(() => system.asked()).not.toBe('')
    expect(`${path.join(system.root, 'usr/bin/pkexec')} ${(await system.asked()).trim()}`).toBe(shown)
  })

  await test.step('it is cancelled while the system asks', async () => {
    await expect(setup.getByRole('button', { name: 'Cancel' })).toBeEnabled()
    await setup.getByRole('button', { name: 'Cancel' }).click()
    await expect(setup.getByRole('button', { name: 'Install as administrator' })).toBeVisible()
    await setup.getByRole('button', { name: 'Check again' }).click()
    await expect(setup.getByText('It is still missing.')).toBeVisible()
    await picture(app, window, 'fuse-still-missing')
  })

  await test.step('once it is installed the page goes by itself, and a drive is mounted', async () => {
    await setup.getByRole('button', { name: 'Install as administrator' }).click()
    await system.permit()
    await expect(page.getByText('Drives can be mounted now.')).toBeVisible()
    await expect(setup).toBeHidden()
    await window.addDrive({ bucket, mountpoint: await world.emptyFolder('drive') })
    await window.driveIsMounted(bucket)
  })
})
