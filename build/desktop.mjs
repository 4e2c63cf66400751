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

/** The daemon runs in the foreground of the session's shell, so that it can be ended by its own id. */
const keyringScript = `
printf %s cloudmount | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 &
keyring=$!
tries=0
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner \
  string:org.freedesktop.secrets >/dev/null 2>&1; do
  tries=$((tries + 1)); [ "$tries" -lt 100 ] || { echo "The test keyring does not start" >&2; exit 1; }
  sleep 0.05
done
"$@"
status=$?
kill "$keyring" 2>/dev/null
exit "$status"`

/** Runs a command in that desktop and resolves with its exit code. */
export async function runInDesktop(command, { cwd, environment = process.env, needsKeyring = true } = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cloudmount-desktop-'))
  const screen = hasDisplay(environment) ? undefined : await startScreen()
  const env = {
    ...environment,
    ...(screen === undefined ? {} : { DISPLAY: screen.display }),
    ...(needsKeyring ? { XDG_DATA_HOME: path.join(folder, 'data'), XDG_RUNTIME_DIR: folder } : {}),
  }
  const words =
    needsKeyring && process.platform === 'linux' ? ['dbus-run-session', '--', 'sh', '-c', keyringScript, 'sh'] : []
  const [program, ...args] = [...words, ...command]
  try {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' })
    const stopForwarding = forwardSignals(child)
    const [code, signal] = await once(child, 'exit')
    stopForwarding()
    return signal === null ? code : 1
  } finally {
    screen?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The X server picks a free number itself and writes it to the pipe when it is ready. */
async function startScreen() {
  const args = ['-displayfd', '3', '-screen', '0', '1440x960x24', '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const failed = once(server, 'exit').then(() => {
    throw new Error('Xvfb ended before it was ready')
  })
  const ready = once(createInterface({ input: server.stdio[3] }), 'line')
  const [number] = await Promise.race([ready, failed])
  failed.catch(() => undefined)
  return { display: `:${number}`, stop: () => server.kill() }
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
