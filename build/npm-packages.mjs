/** The npm packages of the lock file, installed without running anybody's install script. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Whether what npm installed (its hidden lock file) is what the lock file asks for. Optional packages are those of other
 * platforms, and may be missing.
 */
export function isInstallCurrent(lock, installed) {
  return Object.entries(lock.packages).every(([name, wanted]) => {
    if (name === '' || wanted.link === true) return true
    const found = installed.packages[name]
    if (found === undefined) return wanted.optional === true
    return found.version === wanted.version
  })
}

export function ensureNpmPackages(root, say = console.log) {
  const lock = readJson(path.join(root, 'package-lock.json'))
  const hidden = path.join(root, 'node_modules', '.package-lock.json')
  if (existsSync(hidden) && isInstallCurrent(lock, readJson(hidden))) return
  say('Installing npm packages')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('npm could not install the packages')
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
