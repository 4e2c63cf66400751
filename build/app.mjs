/** Starts the built application, on the person's own screen and keyring where there are any. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { runInDesktop, hasDisplay, hasSession } from './desktop.mjs'
import { electronExecutable } from './electron-runtime.mjs'

/** Chromium refuses its sandbox to root, and starts without one only when told to. */
export function appCommand(root, environment, args) {
  const isRoot = process.getuid?.() === 0
  return [electronExecutable(root, environment), ...(isRoot ? ['--no-sandbox'] : []), root, ...args]
}

export async function runApp(root, environment, args) {
  const command = appCommand(root, environment, args)
  if (hasDisplay() && hasSession()) return runInteractively(command, environment)
  console.error(
    'cloudmount: no desktop here, so the window opens on a screen nobody sees and keys are kept until it closes',
  )
  return runInDesktop(command, { cwd: root, environment })
}

/** The signals of the terminal reach both of us; it is the command that decides when it is over. */
export async function runInteractively([program, ...args], environment = process.env) {
  const child = spawn(program, args, { env: environment, stdio: 'inherit' })
  const ignore = () => undefined
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, ignore)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code, signal] = await once(child, 'exit')
  return signal === null ? code : 1
}
