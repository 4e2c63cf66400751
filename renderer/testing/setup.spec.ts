/** A computer that cannot mount: what it lacks, and what puts that right. */
import { expect } from '@playwright/test'
import { test } from './window-page.ts'

test('what is missing is put right with the keyboard, and the welcome follows', async ({ ui, page }) => {
  await ui.open('blocked-first-run')
  const setup = page.getByRole('region', { name: 'Drives cannot be mounted' })
  await expect(setup.getByRole('list', { name: 'What is missing' }).getByRole('listitem')).toHaveCount(2)
  await expect(setup.getByText('/usr/bin/apt-get install --yes fuse3 libfuse2')).toBeVisible()
  await ui.lookBothWays('setup-first-run')
  expect(await ui.asked('mounting:setUp')).toEqual([])
  await setup.getByRole('button', { name: 'Install as administrator' }).focus()
  await page.keyboard.press('Enter')
  await expect(setup.getByRole('status')).toHaveText('Your system asks for an administrator’s password.')
  await expect(setup.getByRole('button', { name: 'Cancel' })).toBeEnabled()
  await page.evaluate(() =>
    window.fake.setMounting({
      mountSetup: { state: 'running', canCancel: false, output: 'Reading package lists…\nUnpacking fuse3 …\n' },
    }),
  )
  await expect(setup.getByRole('button', { name: 'Cancel' })).toBeDisabled()
  await setup.getByRole('button', { name: 'What the system says' }).click()
  await expect(setup.getByText('Unpacking fuse3')).toBeVisible()
  await ui.lookBothWays('setup-running')
  await page.evaluate(() => window.fake.makeMountable())
  await expect(page.getByRole('status').filter({ hasText: 'Drives can be mounted now.' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Welcome to CloudMount' })).toBeVisible()
  await expect(page.getByRole('heading', { level: 1, name: 'Drives' })).toBeFocused()
})

test('an installation that failed says why, and how to do it by hand', async ({ ui, page }) => {
  await ui.open('blocked-machine')
  const setup = page.getByRole('region', { name: 'Drives cannot be mounted' })
  await setup.getByRole('button', { name: 'Install as administrator' }).click()
  await setup.getByRole('button', { name: 'Cancel' }).click()
  expect(await ui.asked('mounting:cancel')).toHaveLength(1)
  await page.evaluate(() =>
    window.fake.setMounting({
      mountSetup: {
        state: 'failed',
        output: 'E: Unable to locate package libfuse2\n',
        problem: {
          code: 'fuse-missing',
          message: 'The system could not do it.',
          remedy: 'Run it in a terminal: sudo apt-get install --yes fuse3 libfuse2',
          detail: 'E: Unable to locate package libfuse2 (exit 100)',
        },
      },
    }),
  )
  await expect(setup.getByRole('alert')).toContainText('Run it in a terminal')
  await setup.getByText('Details', { exact: true }).click()
  await setup.getByRole('button', { name: 'Copy details' }).click()
  await expect(setup.getByText('The details were copied.')).toBeVisible()
  expect(await ui.asked('text:copy')).toEqual([
    { text: 'The system could not do it.\nE: Unable to locate package libfuse2 (exit 100)' },
  ])
  await ui.lookBothWays('setup-failed')
  await setup.getByRole('button', { name: 'Check again' }).click()
  await expect(setup.getByText('It is still missing.')).toBeVisible()
  await setup.getByRole('button', { name: 'Copy command' }).click()
  expect((await ui.asked('text:copy')).at(-1)).toEqual({ text: 'sudo apt-get install --yes fuse3 libfuse2' })
})

test('where nothing can be run, the command is there to be copied; macFUSE has its page', async ({ ui, page }) => {
  await ui.open('blocked-first-run')
  const block = (fix: object, missing: string[]) =>
    page.evaluate(
      ([how, what]) =>
        window.fake.setMounting({
          mountBlocker: {
            problem: { code: 'fuse-missing', message: 'FUSE is missing.' },
            fix: how,
            missing: what,
          } as never,
          mountSetup: { state: 'idle' },
        }),
      [fix, missing] as const,
    )
  await block({ kind: 'by-hand', does: 'install', command: 'sudo zypper --non-interactive install fuse' }, ['helper'])
  await expect(page.getByText('sudo zypper')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Install as administrator' })).toHaveCount(0)
  await block({ kind: 'none' }, ['device'])
  await ui.lookBothWays('setup-unknown')
  await block({ kind: 'page', link: 'macfuse' }, ['macfuse'])
  await expect(page.getByText('Privacy & Security')).toBeVisible()
  await ui.lookBothWays('setup-mac')
  await page.getByRole('button', { name: 'Open the macFUSE page' }).click()
  expect(await ui.asked('link:open')).toEqual([{ link: 'macfuse' }])
  await page.getByRole('button', { name: 'Set it up later' }).click()
  await expect(page.getByRole('heading', { name: 'Welcome to CloudMount' })).toBeVisible()
})
