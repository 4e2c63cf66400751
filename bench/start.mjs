/**
 * How long a person waits for the window: from the start of the process to the first frame with the drives in it, on a settings folder
 * of its own. The budget is 1.5 s. The first start reads the program from the disk; the others find it in memory.
 * node build/run.mjs build && node build/with-desktop.mjs node --experimental-websocket bench/start.mjs [--runs 5]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { appCommand } from '../build/app.mjs'
import { ensureElectron } from '../build/electron-runtime.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } })
const environment = { ...process.env, ...(await ensureElectron(root)) }

async function startOnce(userData) {
  const [program, ...args] = appCommand(root, environment, [`--user-data-dir=${userData}`, '--remote-debugging-port=0'])
  const startedAt = Date.now()
  const app = spawn(program, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const port = await debuggerPort(app)
    const { origin, interactive } = JSON.parse(await evaluate(await pageOf(port), whenInteractive))
    return { main: origin - startedAt, page: interactive }
  } finally {
    app.kill('SIGTERM')
    if (app.exitCode === null) await once(app, 'exit')
  }
}

/** The page is asked until its mark is there; the mark has the time at which it was set. */
const whenInteractive = `new Promise((resolve) => {
  const look = () => {
    const mark = performance.getEntriesByName('interactive')[0]
    if (mark) resolve(JSON.stringify({ origin: performance.timeOrigin, interactive: mark.startTime }))
    else setTimeout(look, 10)
  }
  look()
})`

async function debuggerPort(app) {
  for await (const line of createInterface({ input: app.stderr })) {
    const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)
    if (found) {
      app.stderr.resume()
      return found[1]
    }
  }
  throw new Error('the application ended before its window was there')
}

async function pageOf(port) {
  for (;;) {
    const targets = await fetch(`http://127.0.0.1:${port}/json/list`).then((answer) => answer.json())
    const page = targets.find(({ type, url }) => type === 'page' && url.endsWith('.html'))
    if (page) return page.webSocketDebuggerUrl
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function evaluate(target, expression) {
  const socket = new WebSocket(target)
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }))
  try {
    const answer = new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(JSON.parse(data))))
    const params = { expression, awaitPromise: true, returnByValue: true }
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
    const { result } = await answer
    // The page that was asked has just given way to the next one.
    return result?.result.value ?? (await evaluate(target, expression))
  } finally {
    socket.close()
  }
}

const userData = await mkdtemp(path.join(os.tmpdir(), 'cloudmount-start-'))
try {
  for (let run = 1; run <= Number(values.runs); run++) {
    const { main, page } = await startOnce(userData)
    console.log(
      `start ${run}: ${Math.round(main + page)} ms (until the page ${Math.round(main)}, the page ${Math.round(page)})`,
    )
  }
} finally {
  await rm(userData, { recursive: true, force: true })
}
