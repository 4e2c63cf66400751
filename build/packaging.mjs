/**
 * `npm run package [-- dir|deb|AppImage|dmg…]`: electron-builder, with what the machine has in place of what it cannot download.
 * The stand-in Electron is for tests and goes into no package: with it, only `dir` is made, which never leaves the machine.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runCommand } from './suites.mjs'

export async function runPackaging(root, environment, args, say) {
  const local = environment.ELECTRON_OVERRIDE_DIST_PATH
  const targets = args.length > 0 ? args : defaultTargets()
  if (local !== undefined && isStandIn(root, local) && targets.some((target) => target !== 'dir')) {
    say(
      'Electron could not be downloaded, and its stand-in goes into no package. "npm run package -- dir" tries the rest.',
    )
    return 1
  }
  const builder = path.join(root, 'node_modules', 'electron-builder', 'cli.js')
  const platform = process.platform === 'darwin' ? '--mac' : '--linux'
  const options = [...(local === undefined ? [] : localElectron(local)), ...updateFeed(environment)]
  const command = [process.execPath, builder, platform, ...targets, '--publish', 'never', ...options]
  return runCommand(command, root, { ...environment, ...localTools(root, local !== undefined) })
}

export function isStandIn(root, folder) {
  return path.resolve(folder) === path.join(root, '.electron-runtime')
}

function defaultTargets() {
  return process.platform === 'darwin' ? ['dmg'] : ['AppImage', 'deb']
}

/** An Electron out of a folder: its version is in it, and its checksums are not where Electron's own download has them. */
function localElectron(folder) {
  const version = readFileSync(path.join(folder, 'version'), 'utf8').trim()
  return [
    `--config.electronDist=${folder}`,
    `--config.electronVersion=${version}`,
    '--config.electronFuses.enableEmbeddedAsarIntegrityValidation=false',
  ]
}

/** Where the packages look for new versions: files that `--publish` of electron-builder, or any web server, puts there. */
function updateFeed({ CLOUDMOUNT_UPDATE_FEED: url }) {
  return url === undefined ? [] : ['--config.publish.provider=generic', `--config.publish.url=${url}`]
}

/** Debian's own tools, where electron-builder would fetch its own. */
function localTools(root, isOffline) {
  const tools = {}
  if (existsSync('/usr/bin/7za')) tools.ELECTRON_BUILDER_7ZIP_PATH = '/usr/bin/7za'
  if (isOffline && existsSync('/usr/bin/dpkg-deb')) tools.CUSTOM_FPM_PATH = path.join(root, 'build', 'fpm.cjs')
  return tools
}
