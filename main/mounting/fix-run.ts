/**
 * Runs one command that puts FUSE right. What it says goes to a file and is read from there: when the application ends
 * meanwhile, a package manager that writes goes on, and is not ended by a pipe that nobody reads.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import type { FixCommand } from './blocker.ts'

export type FixEnd = { kind: 'exited'; code: number } | { kind: 'cancelled' } | { kind: 'not-started'; detail: string }

export type FixRun = {
  ended: Promise<FixEnd>
  /** Only while the system still asks for an administrator; answers whether it was in time. */
  cancel(): boolean
}

export type FixRunOptions = {
  outputPath: string
  said: (output: string, canCancel: boolean) => void
}

export const keptOutput = 16_000
const lookMs = 200

export function runFix({ program, args }: FixCommand, { outputPath, said }: FixRunOptions): FixRun {
  const file = openSync(outputPath, 'w', 0o600)
  // A group of its own: Ctrl-C on the terminal the application was started from is not meant for it.
  const child = spawn(program, args, { stdio: ['ignore', file, file], detached: true })
  closeSync(file)
  const { pid } = child
  let isCancelled = false
  const tell = () => said(endOf(outputPath), isAsking(pid))
  const timer = setInterval(tell, lookMs)
  const ended = new Promise<FixEnd>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', detail: error.message }))
    child.once('exit', (code) => resolve(isCancelled ? { kind: 'cancelled' } : { kind: 'exited', code: code ?? 1 }))
  }).finally(() => {
    clearInterval(timer)
    said(endOf(outputPath), false)
  })
  return {
    ended,
    cancel() {
      if (pid === undefined || !isAsking(pid)) return false
      try {
        process.kill(pid, 'SIGTERM')
        isCancelled = true
      } catch {
        // It has ended, or it is root's by now.
      }
      return isCancelled
    },
  }
}

/** Before anything is changed the process is pkexec; afterwards it has become what it was asked to run. */
function isAsking(pid: number | undefined): boolean {
  try {
    return readFileSync(`/proc/${pid ?? 0}/comm`, 'utf8').trim() === 'pkexec'
  } catch {
    return false
  }
}

function endOf(path: string): string {
  const { size } = statSync(path)
  const bytes = Buffer.alloc(Math.min(size, keptOutput))
  const file = openSync(path, 'r')
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, size - bytes.length))
  } finally {
    closeSync(file)
  }
}
