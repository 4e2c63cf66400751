/**
 * What a bare Debian or Ubuntu lacks, and how it gets it. Each need is a list of names for one thing (Ubuntu renamed some
 * libraries): any of them installed is enough, and the first that the machine's archive offers is installed.
 */
import { spawnSync } from 'node:child_process'

const compile = [['gcc'], ['g++'], ['make'], ['python3'], ['pkg-config', 'pkgconf'], ['patch'], ['libfuse-dev']]
const mount = [['fuse', 'fuse3'], ['ca-certificates']]
const window = [
  ['libgtk-3-0t64', 'libgtk-3-0'],
  ['libnss3'],
  ['libasound2t64', 'libasound2'],
  ['libgbm1'],
  ['libatspi2.0-0t64', 'libatspi2.0-0'],
  ['libcups2t64', 'libcups2'],
  ['libxss1'],
  ['libxtst6'],
  ['libnotify4'],
  ['libsecret-1-0'],
  ['xdg-utils'],
]
const headless = [['xvfb'], ['dbus'], ['gnome-keyring']]
const testing = [['s3fs'], ['rclone'], ['openssl'], ['rsync'], ['git'], ['sqlite3'], ['procps']]
const packaging = [['p7zip-full'], ['squashfs-tools'], ['desktop-file-utils']]
const gateway = [['radosgw'], ['ceph-mon'], ['ceph-osd']]

/** What each command of run.mjs needs. */
export const needs = {
  cli: [...compile, ...mount],
  start: [...compile, ...mount, ...window],
  demo: [...compile, ...mount, ...window, ...headless],
  test: [...compile, ...mount, ...window, ...headless, ...testing],
  rgw: [...compile, ...mount, ...testing, ...gateway],
  check: [...compile],
  package: [...compile, ...mount, ...window, ...headless, ...packaging],
}

/** Needs of which no name is installed. */
export function missingNeeds(wanted, installed) {
  return wanted.filter((names) => !names.some((name) => installed.has(name)))
}

/** The names to install, and the needs the archive has no package for. */
export function chooseNames(missing, isOffered) {
  const chosen = missing.map((names) => names.find((name) => isOffered(name)))
  return {
    install: chosen.filter((name) => name !== undefined),
    unknown: missing.filter((_, index) => chosen[index] === undefined).map((names) => names[0]),
  }
}

/** `dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n'`: only `ii` is there and whole. */
export function parseInstalled(output) {
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/))
  return new Set(rows.filter(([, status]) => status === 'ii').map(([name]) => name))
}

/** How this person may install: the words before `apt-get`, or undefined when they may not. */
export function aptPrefix({ isRoot, hasSudo, isInteractive }) {
  if (isRoot) return []
  if (!hasSudo) return undefined
  return isInteractive ? ['sudo'] : ['sudo', '-n']
}

export function ensureSystemPackages(purpose, say = console.log) {
  if (process.platform === 'darwin') return checkMac(say)
  if (process.platform !== 'linux') throw new Error(`CloudMount does not run on ${process.platform} yet`)
  const missing = missingNeeds(needs[purpose], readInstalled(needs[purpose].flat()))
  if (missing.length === 0) return
  installMissing(missing, say)
}

function installMissing(missing, say) {
  if (!has('apt-get')) {
    throw new Error(
      `Install what these Debian packages hold, then try again: ${missing.map(([name]) => name).join(' ')}`,
    )
  }
  const prefix = aptPrefix({ isRoot: process.getuid() === 0, hasSudo: has('sudo'), isInteractive: process.stdin.isTTY })
  const names = missing.map(([name]) => name).join(' ')
  if (prefix === undefined) throw new Error(`Run this as root, then try again: apt-get install ${names}`)
  say(`Installing system packages${prefix.length > 0 ? ' with sudo' : ''}: ${names}`)
  run([...prefix, 'apt-get', 'update', '-q'], { isQuiet: true })
  const { install, unknown } = chooseNames(missing, isOffered)
  if (unknown.length > 0) throw new Error(`This machine's package archive has no ${unknown.join(', ')}`)
  run(
    [
      ...prefix,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      'install',
      '-y',
      '-q',
      '--no-install-recommends',
      ...install,
    ],
    {
      isQuiet: true,
    },
  )
}

function readInstalled(names) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Abbrev}\n', ...names], {
    encoding: 'utf8',
  })
  return parseInstalled(stdout ?? '')
}

function isOffered(name) {
  const { stdout } = spawnSync('apt-cache', ['policy', name], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  return /Candidate: (?!\(none\))/.test(stdout ?? '')
}

function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

function run([program, ...args], { isQuiet }) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    stdio: ['inherit', isQuiet ? 'pipe' : 'inherit', isQuiet ? 'pipe' : 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status === 0) return
  const tail = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-15).join('\n')
  throw new Error(`"${[program, ...args].join(' ')}" failed:\n${tail}`)
}

function checkMac(say) {
  const lacks = []
  if (spawnSync('xcode-select', ['-p']).status !== 0) lacks.push('xcode-select --install')
  if (spawnSync('pkg-config', ['--version']).status !== 0) lacks.push('brew install pkg-config')
  if (spawnSync('pkg-config', ['--exists', 'fuse']).status !== 0) lacks.push('brew install --cask macfuse')
  if (lacks.length === 0) return
  say('This Mac lacks something. Run, then try again:')
  for (const command of lacks) say(`  ${command}`)
  throw new Error('System software is missing')
}
