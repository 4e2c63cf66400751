import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { autostartEntry, setOpensAtLogin } from './login-item.ts'
import { tempFolder } from './testing/temp-folder.ts'

vi.mock('electron', () => ({ app: {} }))

describe('the entry that starts us at login', () => {
  it('quotes a path whatever is in it', () => {
    expect(autostartEntry('/opt/My "Apps"/100%/a$b')).toContain('Exec="/opt/My \\"Apps\\"/100%%/a\\$b" --hidden\n')
  })

  it.runIf(process.platform === 'linux')('is there while it is wanted, and names the AppImage where it is now', () => {
    const homeDirectory = tempFolder()
    const entry = join(homeDirectory, '.config', 'autostart', 'cloudmount.desktop')
    const start = (isWanted: boolean, environment: NodeJS.ProcessEnv) =>
      setOpensAtLogin(isWanted, { homeDirectory, environment })
    start(true, {})
    expect(readFileSync(entry, 'utf8')).toContain(`Exec="${process.execPath}" --hidden`)
    start(true, { APPIMAGE: '/home/ana/CloudMount-2.0.0.AppImage' })
    expect(readFileSync(entry, 'utf8')).toContain('Exec="/home/ana/CloudMount-2.0.0.AppImage" --hidden')
    start(false, {})
    expect(existsSync(entry)).toBe(false)
    start(false, {})
    const config = tempFolder()
    start(true, { XDG_CONFIG_HOME: config })
    expect(existsSync(join(config, 'autostart', 'cloudmount.desktop'))).toBe(true)
    expect(existsSync(entry)).toBe(false)
  })
})
