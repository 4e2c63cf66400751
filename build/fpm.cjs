#!/usr/bin/env node
'use strict'
/**
 * Stands in for fpm where electron-builder cannot download it: understands the options it is called with to make a .deb out
 * of folders, and leaves the making to dpkg-deb. Anything it does not know is an error, not a guess.
 */
const { execFileSync } = require('node:child_process')
const { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const single = new Map(
  [
    ...[
      '-s',
      '-t',
      '-p',
      '--package',
      '--name',
      '--version',
      '--iteration',
      '--architecture',
      '--maintainer',
      '--vendor',
    ],
    ...['--url', '--description', '--category', '--license', '--after-install', '--after-remove', '--before-install'],
    ...['--before-remove', '--deb-compression', '--deb-priority'],
  ].map((name) => [name, name === '-p' ? '--package' : name]),
)
const repeated = new Set(['-d', '--depends', '--deb-recommends'])

function parse(words) {
  const options = { depends: [], recommends: [], files: [] }
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]
    if (single.has(word)) options[single.get(word)] = words[(index += 1)]
    else if (repeated.has(word))
      options[word === '--deb-recommends' ? 'recommends' : 'depends'].push(words[(index += 1)])
    else if (word === '--force' || word === '-f') continue
    else if (word.startsWith('-')) throw new Error(`fpm stand-in: unknown option ${word}`)
    else {
      const at = word.lastIndexOf('=')
      options.files.push({ from: word.slice(0, at), to: word.slice(at + 1) })
    }
  }
  if (options['-s'] !== 'dir' || options['-t'] !== 'deb') throw new Error('fpm stand-in: only -s dir -t deb')
  return options
}

function copyFiles(files, folder) {
  for (const { from, to } of files) {
    const target = path.join(folder, to)
    mkdirSync(path.dirname(target), { recursive: true })
    if (statSync(from).isDirectory()) cpSync(from, target, { recursive: true, verbatimSymlinks: true, mode: 0 })
    else {
      copyFileSync(from, target)
      chmodSync(target, 0o644)
    }
  }
}

function writeControl(options, folder) {
  const control = path.join(folder, 'DEBIAN')
  const sizeKb = execFileSync('du', ['-sk', folder], { encoding: 'utf8' }).split('\t')[0]
  mkdirSync(control, { mode: 0o755 })
  const scripts = {
    postinst: '--after-install',
    postrm: '--after-remove',
    preinst: '--before-install',
    prerm: '--before-remove',
  }
  for (const [name, option] of Object.entries(scripts)) {
    if (options[option] === undefined) continue
    copyFileSync(options[option], path.join(control, name))
    chmodSync(path.join(control, name), 0o755)
  }
  const [summary, ...more] = (options['--description'] ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const version = [options['--version'], options['--iteration']].filter(Boolean).join('-')
  const fields = {
    Package: options['--name'],
    Version: version,
    Architecture: options['--architecture'],
    Maintainer: options['--maintainer'],
    'Installed-Size': sizeKb,
    Depends: options.depends.join(', '),
    Recommends: options.recommends.join(', '),
    Section: options['--category'] ?? 'utils',
    Priority: options['--deb-priority'] ?? 'optional',
    Homepage: options['--url'],
    Description: [summary ?? options['--name'], ...more.map((line) => ` ${line}`)].join('\n'),
  }
  const lines = Object.entries(fields)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(path.join(control, 'control'), lines.join(''))
}

const options = parse(process.argv.slice(2))
const folder = mkdtempSync(path.join(os.tmpdir(), 'cloudmount-deb-'))
try {
  chmodSync(folder, 0o755)
  copyFiles(options.files, folder)
  writeControl(options, folder)
  const compression = { gz: 'gzip', bzip2: 'xz' }[options['--deb-compression']] ?? options['--deb-compression'] ?? 'xz'
  rmSync(options['--package'], { force: true })
  const args = ['--root-owner-group', `-Z${compression}`, '--build', folder, options['--package']]
  execFileSync('dpkg-deb', args, { stdio: ['ignore', 'ignore', 'inherit'] })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
