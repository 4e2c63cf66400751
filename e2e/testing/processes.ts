/** Processes and mounts as the system itself tells them, so that a test can end exactly what it began. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A process's children, their children, and so on. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const found = [pid]
  // Grows while it is walked.
  for (const parent of found)
    for (const [child, itsParent] of pairs) if (itsParent === parent && child !== undefined) found.push(child)
  return found.slice(1)
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

/** Also true of one that has ended and that nobody has waited for. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export async function isMounted(mountpoint: string): Promise<boolean> {
  return (await mountTable()).includes(` on ${mountpoint} `)
}

/** Detaches whatever is still mounted below a folder, also where the process behind it is gone. */
export async function detachBelow(folder: string): Promise<string[]> {
  const table = await mountTable()
  const places = table.split('\n').flatMap((line) => {
    const place = / on (.*?) (?:type |\()/.exec(line)?.[1]
    return place?.startsWith(`${folder}/`) ? [place] : []
  })
  for (const place of places)
    await (process.platform === 'linux' ? execute('fusermount', ['-uz', place]) : execute('umount', ['-f', place]))
  return places
}

async function mountTable(): Promise<string> {
  return (await execute('mount')).stdout
}
