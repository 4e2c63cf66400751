/**
 * Which programs keep a drive busy: who has a file, a memory map or the current folder in it. Linux reads `/proc`, where the
 * answers are links and text kept by the kernel, so that looking never asks the drive itself; macOS asks `lsof`.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { t } from '../../language/language.ts'
import { namesInWords } from '../../language/lists.ts'

const holdersShown = 5

/** The name is empty where it is not known. */
export type Holder = { pid: number; name: string }

export async function findHolders(mountpoint: string, platform: NodeJS.Platform = process.platform): Promise<Holder[]> {
  if (platform === 'darwin') return findHoldersWithLsof(mountpoint)
  const pids = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const holders: Holder[] = []
  for (const pid of pids) {
    if (await holds(pid, mountpoint)) holders.push({ pid, name: await nameOf(pid) })
  }
  return holders
}

/** `bash (214), vim (230)`, shortened when there are many. */
export function describeHolders(holders: readonly Holder[]): string {
  return namesInWords(
    holders.map(({ name, pid }) => `${name || t('worker.holder.program')} (${String(pid)})`),
    holdersShown,
  )
}

async function holds(pid: number, mountpoint: string): Promise<boolean> {
  const process = `/proc/${String(pid)}`
  const descriptors = (await namesIn(`${process}/fd`)).map((fd) => `${process}/fd/${fd}`)
  for (const link of [`${process}/cwd`, `${process}/root`, ...descriptors]) {
    const target = await readlink(link).catch(() => '')
    if (isWithin(target, mountpoint)) return true
  }
  const maps = await readFile(`${process}/maps`, 'utf8').catch(() => '')
  return mappedFiles(maps).some((file) => isWithin(file, mountpoint))
}

/** The sixth column of `/proc/PID/maps`, which may hold spaces. */
export function mappedFiles(maps: string): string[] {
  return maps.split('\n').flatMap((line) => {
    const start = line.indexOf('/')
    return start < 0 ? [] : [line.slice(start)]
  })
}

function isWithin(path: string, mountpoint: string): boolean {
  return path === mountpoint || path.startsWith(`${mountpoint}/`)
}

async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${String(pid)}/comm`, 'utf8').catch(() => '')).trim()
}

/** Processes of other people and ones that just ended are not ours to read. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

async function findHoldersWithLsof(mountpoint: string): Promise<Holder[]> {
  const run = promisify(execFile)
  // It exits with 1 when some of what it was asked for is not there, and prints the rest all the same.
  const { stdout } = await run('/usr/sbin/lsof', ['-Fpc', '+f', '--', mountpoint]).catch((error: unknown) =>
    error instanceof Error && 'stdout' in error ? { stdout: String(error.stdout) } : { stdout: '' },
  )
  return parseLsof(stdout)
}

/** `lsof -Fpc`: a line `pPID`, then a line `cNAME`. */
export function parseLsof(output: string): Holder[] {
  const holders: Holder[] = []
  for (const line of output.split('\n')) {
    const last = holders.at(-1)
    if (line.startsWith('p')) holders.push({ pid: Number(line.slice(1)), name: '' })
    else if (line.startsWith('c') && last !== undefined) last.name = line.slice(1)
  }
  return holders
}
