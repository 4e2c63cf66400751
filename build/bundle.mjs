/** Builds into `out/` what is not there or older than its sources. A stamp of names, sizes and times tells. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { targets, viteConfigFor } from './targets.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const configuration = ['targets.mjs', 'bundle.mjs'].map((file) => path.join(here, file))

/** Targets whose entry nobody has written are passed over. */
export async function ensureBundles(root, wanted = Object.keys(targets), say = console.log) {
  const due = wanted.filter((name) => existsSync(path.join(root, targets[name].entry)) && !isCurrent(root, name))
  if (due.length === 0) return
  say(`Building ${due.join(', ')}`)
  const { build } = await import('vite')
  for (const name of due) {
    const stamp = stampOf(root, name)
    rmSync(stampFile(root, name), { force: true })
    await build(viteConfigFor(name, root))
    mkdirSync(path.dirname(stampFile(root, name)), { recursive: true })
    writeFileSync(stampFile(root, name), stamp)
  }
}

function isCurrent(root, name) {
  if (!existsSync(path.join(root, 'out', targets[name].output)) || !existsSync(stampFile(root, name))) return false
  return readFileSync(stampFile(root, name), 'utf8') === stampOf(root, name)
}

function stampFile(root, name) {
  return path.join(root, 'out', '.stamps', name)
}

function stampOf(root, name) {
  const sources = targets[name].reads.flatMap((folder) => sourceFiles(path.join(root, folder)))
  const files = [...sources, ...configuration, path.join(root, 'package-lock.json')]
  return stampFiles(files.map((file) => [path.relative(root, file), statSync(file)]))
}

/** The same for the same files, in whatever order they were found. */
export function stampFiles(files) {
  const lines = files.map(([name, { size, mtimeMs }]) => `${name} ${size} ${mtimeMs}`).sort()
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

function sourceFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
}
