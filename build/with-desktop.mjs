/** `node build/with-desktop.mjs COMMAND…`: a screen where there is none, and a keyring of its own. */
import { runInDesktop } from './desktop.mjs'

const command = process.argv.slice(2)
if (command.length === 0) {
  console.error('Usage: node build/with-desktop.mjs COMMAND [ARGUMENT]…')
  process.exit(2)
}
process.exitCode = await runInDesktop(command)
