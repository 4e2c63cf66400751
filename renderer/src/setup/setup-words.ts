import type { MissingPart, MountFix } from '../../../contracts/mounting.ts'
import type { MessageKey } from '../../../language/language.ts'
import type { EntryState } from './first-drives.svelte.ts'

export const missingWords: Record<MissingPart, MessageKey> = {
  helper: 'setup.missing.helper',
  library: 'setup.missing.library',
  device: 'setup.missing.device',
  permission: 'setup.missing.permission',
  macfuse: 'setup.missing.macfuse',
  windows: 'setup.missing.windows',
}

type Does<K extends MountFix['kind']> = Extract<MountFix, { kind: K; does: unknown }>['does']

/** What is said of a command that CloudMount can run, and the button that does. */
export const runWords: Record<Does<'run'>, { text: MessageKey; button: MessageKey }> = {
  install: { text: 'setup.run.install', button: 'setup.install' },
  load: { text: 'setup.run.load', button: 'setup.load' },
}

export const byHandWords: Record<Does<'by-hand'>, MessageKey> = {
  install: 'setup.by-hand.install',
  load: 'setup.by-hand.load',
  permit: 'setup.by-hand.permit',
}

export const entryWords: Record<EntryState['state'], MessageKey> = {
  waiting: 'setup.drives.state.waiting',
  mounting: 'setup.drives.state.mounting',
  mounted: 'setup.drives.state.mounted',
  added: 'setup.drives.state.added',
  stopped: 'setup.drives.state.stopped',
  failed: 'setup.drives.state.failed',
}
