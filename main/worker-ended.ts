import type { Problem } from '../contracts/problem.ts'

export function workerEnded(label: string, exitCode: number): Problem {
  return {
    code: 'worker-crashed',
    message: `The process of ${label} ended unexpectedly.`,
    consequence: 'Files already written are kept on this computer and are uploaded when the drive is back.',
    remedy: 'CloudMount starts it again by itself.',
    detail: `exit code ${exitCode}`,
  }
}
