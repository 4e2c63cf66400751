/** What the window could do if its page were taken over: as good as nothing. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { projectRoot, type RunningApp } from './testing/running-app.ts'
import { expect, test } from './testing/world.ts'

const ownPage = 'cloudmount://window/index.html'

test('the page has no Node, no Electron and a sandbox around it', async ({ world }) => {
  const app = await world.start()
  const { page } = await app.window()
  const names = ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'ipcRenderer', 'electron']
  expect(await page.evaluate(`${JSON.stringify(names)}.filter((name) => name in globalThis)`)).toEqual([])
  expect(await page.evaluate('Object.keys(cloudmount).sort()')).toEqual(['onEvent', 'pathsOf', 'request'])
  // Only what a person dropped has a path: a page cannot make one up.
  expect(await page.evaluate(`cloudmount.pathsOf([new File(['x'], '/etc/passwd')])`)).toEqual([''])
  expect(await page.evaluate('Object.isFrozen(cloudmount)')).toBe(true)
  const preferences = await app.electron.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((contents) => {
      // Known to Electron, not to its types.
      const { getLastWebPreferences: read } = contents as unknown as { getLastWebPreferences?: () => object | null }
      return read?.call(contents) ?? 'not told'
    }),
  )
  const wanted = expect.objectContaining({ sandbox: true, contextIsolation: true, nodeIntegration: false })
  expect(preferences.filter((one) => one !== 'not told')).toEqual(preferences.includes('not told') ? [] : [wanted])
})

test('the page comes with a content policy that stops foreign scripts, requests and frames', async ({ world }) => {
  const app = await world.start()
  const { page } = await app.window()
  const policy = await app.electron.evaluate(
    async ({ net }, url) => (await net.fetch(url)).headers.get('content-security-policy'),
    ownPage,
  )
  for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'none'", "frame-ancestors 'none'"])
    expect(policy).toContain(rule)
  expect(policy).not.toContain('unsafe-eval')

  const server = await listeningServer()
  try {
    const script = `(() => { const s = document.createElement('script'); s.textContent = 'globalThis.ran = true';
      document.head.append(s); return 'ran' in globalThis })()`
    expect(await page.evaluate(script)).toBe(false)
    expect(await page.evaluate(`fetch('${server.url}').then(() => 'sent', () => 'refused')`)).toBe('refused')
    const picture = `new Promise((done) => { const i = new Image(); i.onload = () => done('shown');
      i.onerror = () => done('refused'); i.src = '${server.url}picture.png' })`
    expect(await page.evaluate(picture)).toBe('refused')
    await page.evaluate(`(() => { const f = document.createElement('iframe'); f.src = '${server.url}';
      document.body.append(f) })()`)
    // Answered after the frame was refused: both go through the same queue of the page.
    expect(await page.evaluate(`fetch('${server.url}').then(() => 'sent', () => 'refused')`)).toBe('refused')
    expect(server.requests).toEqual([])
  } finally {
    await server.close()
  }
})

test('the page cannot go elsewhere, open a window, or be granted anything', async ({ world }) => {
  const app = await world.start()
  const { page } = await app.window()
  const server = await listeningServer()
  try {
    expect(await page.evaluate(`window.open('${server.url}')`)).toBeNull()
    await page.evaluate(`void (location.href = '${server.url}')`).catch(() => undefined)
    await expect.poll(() => logged(world.userData)).toContain(`refused to navigate to ${server.url}`)
    expect(page.url()).toBe(ownPage)
    expect(await app.windowCount()).toBe(1)
    expect(await page.evaluate('Notification.requestPermission()')).toBe('denied')
    expect(server.requests).toEqual([])
  } finally {
    await server.close()
  }
})

test('a request that is unknown or malformed is refused with a problem, and changes nothing', async ({ world }) => {
  const app = await world.start()
  const { page } = await app.window()
  const ask = (name: unknown, params: unknown): Promise<unknown> =>
    page.evaluate(`cloudmount.request(${JSON.stringify(name)}, ${JSON.stringify(params)})`)
  for (const name of ['app:format-disk', 'toString', '__proto__', 'app:event', 'app:event-seen', 7, null])
    expect(await ask(name, {})).toMatchObject({ ok: false, problem: { code: 'internal' } })
  const malformed: readonly [string, unknown][] = [
    ['drive:mount', null],
    ['drive:mount', { id: 7 }],
    ['drive:save', { drive: { id: '', mountpoint: '/etc' } }],
    ['account:save', { account: { id: '', name: 'x', provider: 'nobody' } }],
    ['drive:unmount', { id: 'd', pending: 'perhaps', isForced: true }],
    ['settings:save', { settings: { theme: 'plaid' } }],
  ]
  for (const [name, params] of malformed)
    expect(await ask(name, params), name).toMatchObject({ ok: false, problem: { code: 'invalid-input' } })
  expect(await ask('drive:mount', { id: 'nobody' })).toMatchObject({ ok: false, problem: { code: 'not-found' } })
  expect(await ask('app:snapshot', {})).toMatchObject({ ok: true, result: { accounts: [], drives: [] } })
})

test('a file of this computer is uploaded only when a person gave it to the window', async ({ world }) => {
  const app = await world.start()
  const { page } = await app.window()
  const asked = { driveId: 'nobody', path: '', sources: ['/etc/passwd'] }
  const problem = { code: 'invalid-input', message: expect.stringContaining('was neither dropped on this window') }
  expect(await page.evaluate(`cloudmount.request('file:upload', ${JSON.stringify(asked)})`)).toMatchObject({
    ok: false,
    problem,
  })
  await page.evaluate(`cloudmount.pathsOf([new File(['x'], '/etc/passwd')])`)
  expect(await page.evaluate(`cloudmount.request('file:upload', ${JSON.stringify(asked)})`)).toMatchObject({ problem })
})

test('nobody but our own page in our own window is answered', async ({ world }) => {
  const app = await world.start()
  const { page } = await app.window()
  const refused = { ok: false, problem: { code: 'internal', detail: expect.stringContaining('refused') } }
  // Our own page in another window, and a foreign page: each with the real bridge.
  expect(await snapshotAskedFrom(app, { url: ownPage })).toMatchObject(refused)
  const foreign = { url: 'data:text/html,<title>foreign</title>', partition: 'foreign' }
  expect(await snapshotAskedFrom(app, foreign)).toMatchObject(refused)
  expect(await page.evaluate(`cloudmount.request('app:snapshot', {})`)).toMatchObject({ ok: true })
})

/** In a partition of its own a page may come from anywhere: our session loads nothing but our page. */
function snapshotAskedFrom(app: RunningApp, place: { url: string; partition?: string }): Promise<unknown> {
  const preload = path.join(projectRoot, 'out', 'preload', 'preload.cjs')
  return app.electron.evaluate(
    async ({ BrowserWindow }, { url, ...webPreferences }) => {
      const stranger = new BrowserWindow({ show: false, webPreferences })
      try {
        await stranger.loadURL(url)
        const answer: unknown = await stranger.webContents.executeJavaScript(`cloudmount.request('app:snapshot', {})`)
        return answer
      } finally {
        stranger.destroy()
      }
    },
    { ...place, preload, sandbox: true },
  )
}

/** A place that a page taken over would like to talk to; notes whoever comes. */
async function listeningServer(): Promise<{ url: string; requests: string[]; close(): Promise<void> }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests, close }
}

function logged(userData: string): Promise<string> {
  return readFile(path.join(userData, 'logs', 'main.log'), 'utf8').catch(() => '')
}
