/** Tests with a window run in parallel when none can take the focus, the clipboard or the keyring of another. */
import { startDesktop } from '../desktop.mjs'

/** Only the screen of Linux is free to be had twice. */
export const parallelDesktops = process.platform === 'linux' ? 2 : 1

/** For a fixture of Playwright with the scope of a worker: a process, which gets a desktop of its own and gives it on to what it starts. */
export async function withOwnDesktop(use: (nothing: undefined) => Promise<void>): Promise<void> {
  const desktop = await startDesktop({ ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' })
  Object.assign(process.env, desktop.environment)
  await use(undefined)
  await desktop.stop()
}
