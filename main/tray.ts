/** The tray icon. Where the desktop has none, everything it offers is in the window. */
import { Menu, nativeImage, Tray, type MenuItemConstructorOptions, type NativeImage } from 'electron'
import { join } from 'node:path'
import type { DriveView } from '../contracts/ipc.ts'
import type { RecentFile } from './recent-files.ts'
import { trayModel, type TrayAction, type TrayItem, type TrayState } from './tray-model.ts'

export type AppTray = { show(drives: readonly DriveView[], recent: readonly RecentFile[]): void }

export function appTray(options: {
  iconsDirectory: string
  platform: NodeJS.Platform
  act: (action: TrayAction) => void
  log: (message: string) => void
}): AppTray {
  const icon = (state: TrayState): NativeImage => {
    const isTemplate = options.platform === 'darwin'
    const image = nativeImage.createFromPath(
      join(options.iconsDirectory, `tray-${state}${isTemplate ? 'Template' : ''}.png`),
    )
    image.setTemplateImage(isTemplate)
    return image
  }
  let tray: Tray | undefined
  try {
    tray = new Tray(icon('idle'))
    tray.on('click', () => options.act({ do: 'show-window' }))
  } catch (error) {
    options.log(`no tray: ${error instanceof Error ? error.message : String(error)}`)
  }
  let shown = ''
  return {
    show(drives, recent) {
      const model = trayModel(drives, recent, Date.now())
      const next = JSON.stringify(model)
      if (!tray || tray.isDestroyed() || next === shown) return
      shown = next
      tray.setImage(icon(model.state))
      tray.setToolTip(model.tooltip)
      tray.setContextMenu(Menu.buildFromTemplate(model.items.map((item) => menuItem(item, options.act))))
    },
  }
}

function menuItem(item: TrayItem, act: (action: TrayAction) => void): MenuItemConstructorOptions {
  if (item.kind === 'separator') return { type: 'separator' }
  // One alone would underline the letter behind it.
  const label = item.label.replaceAll('&', '&&')
  if (item.kind === 'label') return { label, enabled: false }
  if (item.kind === 'action') return { label, click: () => act(item.action) }
  return { label, submenu: item.items.map((inner) => menuItem(inner, act)) }
}
