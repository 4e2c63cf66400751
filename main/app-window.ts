/** The one window: sandboxed, without Node, showing our page. Opened when wanted, gone when closed. */
import { BrowserWindow, nativeTheme, screen } from 'electron'
import { join } from 'node:path'
import { pageUrl } from './page-protocol.ts'
import { readWindowState, writeWindowState } from './window-state.ts'

export type AppWindow = {
  /** Opens it, or brings it to the front. */
  show(): void
  current(): BrowserWindow | undefined
}

export function appWindow(options: {
  preloadPath: string
  statePath: string
  iconPath: string
  isPackaged: boolean
  /** Whether closing is allowed; if not, the listener has begun something else. */
  mayClose(): boolean
  closed(): void
  log: (message: string) => void
}): AppWindow {
  let window: BrowserWindow | undefined

  const open = () => {
    const areas = screen.getAllDisplays().map((display) => display.workArea)
    const { isMaximized, x, y, width, height } = readWindowState(options.statePath, areas)
    const opened = new BrowserWindow({
      width,
      height,
      ...(x === undefined || y === undefined ? {} : { x, y }),
      minWidth: 720,
      minHeight: 480,
      show: false,
      title: 'CloudMount',
      icon: options.iconPath,
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#15181d' : '#f7f8fa',
      autoHideMenuBar: true,
      webPreferences: {
        preload: options.preloadPath,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
        devTools: !options.isPackaged,
      },
    })
    window = opened
    if (isMaximized) opened.maximize()
    opened.once('ready-to-show', () => opened.show())
    opened.on('close', (event) => {
      writeWindowState(options.statePath, { ...opened.getNormalBounds(), isMaximized: opened.isMaximized() })
      if (!options.mayClose()) event.preventDefault()
    })
    opened.on('closed', () => {
      if (window === opened) window = undefined
      options.closed()
    })
    opened.webContents.on('render-process-gone', (_event, { reason }) => {
      options.log(`the window's process ended: ${reason}`)
      if (reason !== 'clean-exit' && reason !== 'killed' && !opened.isDestroyed()) opened.destroy()
    })
    opened.loadURL(pageUrl).catch((error: unknown) => options.log(`the page could not be loaded: ${String(error)}`))
  }

  return {
    show() {
      if (!window || window.isDestroyed()) {
        open()
        return
      }
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    current: () => (window && !window.isDestroyed() ? window : undefined),
  }
}

export function bundledPaths(mainDirectory: string, appDirectory: string) {
  return {
    preload: join(mainDirectory, '../preload/preload.cjs'),
    worker: join(mainDirectory, '../worker/worker.cjs'),
    renderer: join(mainDirectory, '../renderer'),
    icons: join(appDirectory, 'build/icons'),
  }
}
