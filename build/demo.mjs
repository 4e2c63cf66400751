/** `npm run demo`: the demo needs a screen and a keyring; what it does in them is demo-session.mjs. */
import path from 'node:path'
import { hasDisplay, hasSession, runInDesktop } from './desktop.mjs'
import { runInteractively } from './app.mjs'

export async function runDemo(root, environment, args, say) {
  const command = [process.execPath, path.join(root, 'build', 'demo-session.mjs'), ...args]
  // The round trip is a test: it never asks for the person's own keyring.
  if (hasDisplay() && hasSession() && !args.includes('--once')) return runInteractively(command, environment)
  if (!hasDisplay()) say('No display here: the window opens on a screen nobody sees')
  return runInDesktop(command, { cwd: root, environment })
}
