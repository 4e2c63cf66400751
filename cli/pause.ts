/** `cloudmount pause` and `resume`: what nobody waits for rests on drives mounted with this command. */
import { pauseFor, pauseInWords, type Pause } from '../contracts/pause.ts'
import { ProblemError } from '../contracts/problem.ts'
import { askDrive, mountAt } from './drive-requests.ts'
import { exitCodes } from './exit-codes.ts'
import { entries, type MountEntry } from './mount-registry.ts'

const deadlineMs = 10_000
const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export async function pause(directory: string | undefined, options: { for?: string }): Promise<number> {
  const wanted = pauseAsked(options.for, new Date())
  for (const drive of drivesMeant(directory)) {
    await askDrive(drive, 'drive:pause', wanted, deadlineMs)
    process.stdout.write(`${drive.mountpoint} is paused ${pauseInWords(wanted, Date.now())}\n`)
  }
  return exitCodes.done
}

export async function resume(directory: string | undefined): Promise<number> {
  for (const drive of drivesMeant(directory)) {
    await askDrive(drive, 'drive:resume', {}, deadlineMs)
    process.stdout.write(`${drive.mountpoint} goes on\n`)
  }
  return exitCodes.done
}

/** `30m`, `2h`, `1d`, or `tomorrow`; nothing: until it is resumed. */
export function pauseAsked(span: string | undefined, now: Date): Pause {
  if (span === undefined) return pauseFor('resumed', now)
  if (span === 'tomorrow') return pauseFor('tomorrow', now)
  const match = /^([1-9]\d{0,4})([mhd])$/.exec(span)
  if (match) return { until: now.getTime() + Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] }
  throw new ProblemError({
    code: 'invalid-input',
    message: `“${span}” is not a span of time.`,
    remedy: 'Write it as 30m, 2h, 1d or tomorrow.',
  })
}

function drivesMeant(directory: string | undefined): MountEntry[] {
  return directory === undefined ? entries() : [mountAt(directory)]
}
