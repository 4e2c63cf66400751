/** Whether drives can be mounted here, looked at anew whenever somebody asks, and the run of what makes it so. */
import type { MountBlocker, Mounting, MountSetup } from '../../contracts/mounting.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { fixCommand, mountBlocker } from './blocker.ts'
import { setupAfter } from './fix-outcome.ts'
import type { FixRun, runFix } from './fix-run.ts'
import type { Machine } from './machine.ts'

export type MountingDesk = {
  /** As it was when it was looked at last. */
  current(): Mounting
  check(): Mounting
  /** Runs the fix of the blocker; resolves when it has begun. */
  setUp(): void
  cancel(): void
}

export type MountingDeskOptions = {
  look(): Machine
  run: typeof runFix
  outputPath: string
  changed(): void
  /** Drives could not be mounted, and now they can. */
  mountable(): void
  log(message: string): void
}

export function mountingDesk(options: MountingDeskOptions): MountingDesk {
  let blocker: MountBlocker | undefined = mountBlocker(options.look())
  let setup: MountSetup = { state: 'idle' }
  let running: FixRun | undefined

  const current = (): Mounting => ({ ...(blocker ? { mountBlocker: blocker } : {}), mountSetup: setup })
  const check = () => {
    const before = blocker
    blocker = mountBlocker(options.look())
    if (!blocker && !running) setup = { state: 'idle' }
    options.changed()
    if (before && !blocker) options.mountable()
    return current()
  }
  const said = (output: string, canCancel: boolean) => {
    if (setup.state !== 'running' || (setup.output === output && setup.canCancel === canCancel)) return
    setup = { state: 'running', output, canCancel }
    options.changed()
  }

  return {
    current,
    check,
    setUp() {
      if (running) return
      const command = fixCommand(options.look())
      if (command === undefined) {
        check()
        throw new ProblemError({
          code: 'not-found',
          message: t('main.setup-nothing'),
          remedy: t('main.setup-nothing.remedy'),
        })
      }
      options.log(`runs ${command.program} ${command.args.join(' ')}`)
      setup = { state: 'running', output: '', canCancel: true }
      running = options.run(command, { outputPath: options.outputPath, said })
      options.changed()
      void running.ended.then((end) => {
        options.log(`ended: ${JSON.stringify(end)}`)
        running = undefined
        const output = setup.state === 'running' ? setup.output : ''
        check()
        setup = setupAfter(end, output, blocker)
        options.changed()
      })
    },
    cancel() {
      running?.cancel()
    },
  }
}
