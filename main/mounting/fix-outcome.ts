/** What the end of a fix means. */
import type { MountBlocker, MountSetup } from '../../contracts/mounting.ts'
import { t } from '../../language/language.ts'
import type { FixEnd } from './fix-run.ts'

/** pkexec's own codes; the program's are other ones. */
const dismissed = 126
const notAuthorized = 127

/** `blocker`: what is still missing afterwards. */
export function setupAfter(end: FixEnd, output: string, blocker: MountBlocker | undefined): MountSetup {
  if (blocker === undefined || end.kind === 'cancelled') return { state: 'idle' }
  if (end.kind === 'exited' && end.code === dismissed) return { state: 'idle' }
  const { fix } = blocker
  const byHand = fix.kind === 'run' ? t('main.setup.by-hand', { command: fix.byHand }) : t('main.setup.look')
  const failed = (message: string, remedy: string, detail?: string): MountSetup => ({
    state: 'failed',
    problem: { code: 'fuse-missing', message, remedy, ...(detail === undefined ? {} : { detail }) },
    output,
  })
  if (end.kind === 'not-started') return failed(t('main.setup.not-started'), byHand, end.detail)
  if (end.code === notAuthorized) return failed(t('main.setup.not-allowed'), byHand)
  if (end.code !== 0) return failed(t('main.setup.failed'), byHand, `${lastLine(output)} (exit ${end.code})`)
  return failed(t('main.setup.still-missing'), t('main.setup.still-missing.remedy'))
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? ''
}
