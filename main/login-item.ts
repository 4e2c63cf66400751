/** Start at login: the system's own list on macOS and Windows, an autostart entry on Linux. */
import { app } from 'electron'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Given at login: no window, only the drives and the tray. */
export const hiddenSwitch = 'hidden'

export function setOpensAtLogin(
  isWanted: boolean,
  options: { homeDirectory: string; environment: NodeJS.ProcessEnv },
): void {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: isWanted, args: [`--${hiddenSwitch}`] })
    return
  }
  const config = options.environment['XDG_CONFIG_HOME'] ?? join(options.homeDirectory, '.config')
  const folder = join(config, 'autostart')
  const file = join(folder, 'cloudmount.desktop')
  if (!isWanted) {
    rmSync(file, { force: true })
    return
  }
  mkdirSync(folder, { recursive: true })
  // An AppImage's own path is that of a mount which is gone after it ends.
  writeFileSync(file, autostartEntry(options.environment['APPIMAGE'] ?? process.execPath))
}

export function autostartEntry(program: string): string {
  const quoted = `"${program.replaceAll(/["\\$`]/g, '\\$&').replaceAll('%', '%%')}"`
  return `[Desktop Entry]\nType=Application\nName=CloudMount\nExec=${quoted} --${hiddenSwitch}\nX-GNOME-Autostart-enabled=true\n`
}
