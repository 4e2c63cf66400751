/**
 * The FUSE addon: npm's package, our patch, compiled. Owns `node_modules/@cocalc/fuse-native` after the install.
 * The patched tree is built beside the package and moved in file by file, so that a broken build never leaves half of
 * one behind. A marker holds the hash of the patch: a changed patch is noticed and starts again from the stock sources,
 * which are kept because the tests compile them too.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const patchedFiles = ['fuse-native.c', 'index.js']
const addon = path.join('build', 'Release', 'fuse.node')

/** @param {string} root folder of the project */
export function nativePaths(root) {
  const cache = path.join(root, 'node_modules', '.cache', 'cloudmount')
  const packageFolder = path.join(root, 'node_modules', '@cocalc', 'fuse-native')
  return {
    cache,
    packageFolder,
    marker: path.join(packageFolder, '.cloudmount-patch'),
    patchFile: path.join(root, 'build', 'patches', 'fuse-native-2.4.3.patch'),
    stock: path.join(cache, 'fuse-native-stock'),
  }
}

/** What the marker must say for the addon to be this patch on this kind of machine. */
export function patchStamp(patchText, platform = process.platform, arch = process.arch) {
  return `${createHash('sha256').update(patchText).digest('hex')} ${platform}-${arch}\n`
}

export function isNativeCurrent(root) {
  const { packageFolder, marker, patchFile } = nativePaths(root)
  if (!existsSync(marker) || !existsSync(path.join(packageFolder, addon))) return false
  return readFileSync(marker, 'utf8') === patchStamp(readFileSync(patchFile, 'utf8'))
}

/** Patches and compiles the addon unless that is done. Returns whether anything was built. */
export async function ensureNative(root, say = console.log) {
  if (isNativeCurrent(root)) return false
  const { cache, packageFolder, marker, patchFile } = nativePaths(root)
  const stock = keepStock(root)
  say('Patching and compiling the FUSE addon')
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(path.join(cache, 'fuse-native-'))
  try {
    cpSync(stock, work, { recursive: true, filter: (source) => path.basename(source) !== 'build' })
    await run('patch', ['-p1', '--forward', '--silent', '-i', patchFile], { cwd: work })
    await compile(root, work)
    rmSync(marker, { force: true })
    mkdirSync(path.join(packageFolder, 'build', 'Release'), { recursive: true })
    for (const file of [...patchedFiles, addon]) renameSync(path.join(work, file), path.join(packageFolder, file))
    writeFileSync(marker, patchStamp(readFileSync(patchFile, 'utf8')))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return true
}

/** The package as npm published it, compiled: what the tests of the patch compare with. Returns its folder. */
export async function ensureStockNative(root) {
  const stock = keepStock(root)
  if (existsSync(path.join(stock, addon))) return stock
  await compile(root, stock)
  return stock
}

/** A package without our marker is as npm unpacked it: its sources are kept before the first patch. */
function keepStock(root) {
  const { packageFolder, marker, stock } = nativePaths(root)
  if (existsSync(stock)) return stock
  if (existsSync(marker)) {
    throw new Error('The stock sources of the FUSE addon are gone: remove node_modules/@cocalc and install again')
  }
  const half = `${stock}.${process.pid}`
  cpSync(packageFolder, half, { recursive: true, filter: (source) => path.basename(source) !== 'build' })
  renameSync(half, stock)
  return stock
}

async function compile(root, folder) {
  const gyp = createRequire(path.join(root, 'package.json')).resolve('node-gyp/bin/node-gyp.js')
  const headers = path.resolve(path.dirname(process.execPath), '..')
  const hasHeaders = existsSync(path.join(headers, 'include', 'node', 'node_api.h'))
  const args = [gyp, 'rebuild', '--silent', ...(hasHeaders ? [`--nodedir=${headers}`] : [])]
  try {
    await run(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const output = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-30).join('\n')
    throw new Error(`The FUSE addon does not compile:\n${output}`, { cause: error })
  }
}
