/**
 * A screen and a keyring for machines without: an X server of our own that draws nowhere, and a D-Bus session with an unlocked
 * secret service that lives in a temporary folder and ends with the command. Never the person's own keyring.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

export function hasDisplay(environment = process.env, platform = process.platform) {
  return platform === 'darwin' || Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY)
}

/** Lasts until its input ends. The daemon runs in the foreground of the shell, so that it can be ended by its own id. */
const sessionScript = `
printf %s cloudmount | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 &
keyring=$!
tries=0
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner \
  string:org.freedesktop.secrets >/dev/null 2>&1; do
  tries=$((tries + 1)); [ "$tries" -lt 100 ] || { echo "The test keyring does not start" >&2; exit 1; }
  sleep 0.05
done
echo "$DBUS_SESSION_BUS_ADDRESS"
read -r _until_the_end
kill "$keyring" 2>/dev/null`

/** Runs a command in a desktop of its own and resolves with its exit code. */
export async function runInDesktop([program, ...args], { cwd, environment = process.env } = {}) {
  const desktop = await startDesktop(environment)
  try {
    const env = { ...environment, ...desktop.environment }
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' })
    const stopForwarding = forwardSignals(child)
    const [code, signal] = await once(child, 'exit')
    stopForwarding()
    return signal === null ? code : 1
  } finally {
    await desktop.stop()
  }
}

/** What a program needs in its environment to be in this desktop, and the end of it. A screen that is there already is used. */
export async function startDesktop(environment = process.env) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cloudmount-desktop-'))
  const own = { XDG_DATA_HOME: path.join(folder, 'data'), XDG_RUNTIME_DIR: folder }
  const running = []
  const stop = async () => {
    for (const part of running.toReversed()) await part.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    if (!hasDisplay(environment)) {
      const screen = await startScreen()
      running.push(screen)
      own.DISPLAY = screen.display
    }
    if (process.platform === 'linux') {
      const session = await startSession({ ...environment, ...own })
      running.push(session)
      own.DBUS_SESSION_BUS_ADDRESS = session.address
    }
    return { environment: own, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startSession(environment) {
  const args = ['--', 'sh', '-c', sessionScript]
  const session = spawn('dbus-run-session', args, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(session, 'exit')
  const address = await firstLine(session.stdout, ended, 'The D-Bus session ended before it was ready')
  return {
    address,
    async stop() {
      session.stdin.end()
      await ended
    },
  }
}

/** The X server picks a free number itself and writes it to the pipe when it is ready. */
async function startScreen() {
  const args = ['-displayfd', '3', '-screen', '0', '1440x960x24', '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const number = await firstLine(server.stdio[3], once(server, 'exit'), 'Xvfb ended before it was ready')
  return { display: `:${number}`, stop: () => server.kill() }
}

async function firstLine(stream, ended, problem) {
  const failed = ended.then(() => {
    throw new Error(problem)
  })
  const [line] = await Promise.race([once(createInterface({ input: stream }), 'line'), failed])
  failed.catch(() => undefined)
  return line
}

function forwardSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}

/** Whether a D-Bus session answers: without one there is no keychain. */
export function hasSession() {
  if (process.platform === 'darwin') return true
  return (
    spawnSync('dbus-send', [
      '--session',
      '--print-reply',
      '--dest=org.freedesktop.DBus',
      '/',
      'org.freedesktop.DBus.GetId',
    ]).status === 0
  )
}
