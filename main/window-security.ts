/** Closes everything a page could do beyond showing itself: it cannot go anywhere, open anything, or be given anything. */
import { app, session } from 'electron'

export function lockDownContents(log: (message: string) => void): void {
  app.on('web-contents-created', (_created, contents) => {
    contents.on('will-navigate', (event, url) => {
      event.preventDefault()
      log(`refused to navigate to ${url}`)
    })
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      log(`refused to open ${url}`)
      return { action: 'deny' }
    })
  })
}

/** Once the application is ready. */
export function lockDownNetwork(pageOrigin: string): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  defaultSession.setPermissionCheckHandler(() => false)
  defaultSession.setDevicePermissionHandler(() => false)
  const allowed = [`${pageOrigin}/`, 'devtools:', 'data:image/']
  defaultSession.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !allowed.some((start) => url.startsWith(start)) }),
  )
  defaultSession.on('will-download', (event) => event.preventDefault())
}
