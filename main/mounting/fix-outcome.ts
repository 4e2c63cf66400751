/** What the end of a fix means. */
import type { MountBlocker, MountSetup } from '../../contracts/mounting.ts'
import type { FixEnd } from './fix-run.ts'

/** pkexec's own codes; the program's are other ones. */
const dismissed = 126
const notAuthorized = 127

/** `blocker`: what is still missing afterwards. */
export function setupAfter(end: FixEnd, output: string, blocker: MountBlocker | undefined): MountSetup {
  if (blocker === undefined || end.kind === 'cancelled') return { state: 'idle' }
  if (end.kind === 'exited' && end.code === dismissed) return { state: 'idle' }
  const { fix } = blocker
  const byHand = fix.kind === 'run' ? `Run it in a terminal: ${fix.byHand}` : 'Look at what it said.'
  const failed = (message: string, remedy: string, detail?: string): MountSetup => ({
    state: 'failed',
    problem: { code: 'fuse-missing', message, remedy, ...(detail === undefined ? {} : { detail }) },
    output,
  })
  if (end.kind === 'not-started') return failed('The installation could not be started.', byHand, end.detail)
  if (end.code === notAuthorized) return failed('The system did not allow it to be run from here.', byHand)
  if (end.code !== 0) return failed('The system could not do it.', byHand, `${lastLine(output)} (exit ${end.code})`)
  return failed('It was done, and something is still missing.', 'Check again, or restart the computer.')
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? ''
}
