/** What the window asks about mounting on this computer. */
import type { WebLink } from '../../contracts/mounting.ts'
import type { IpcHandlers } from '../ipc-dispatch.ts'
import type { MountingDesk } from './mounting-desk.ts'

export type MountingHandlersOptions = {
  mounting: MountingDesk
  /** In the person's browser. */
  openAddress: (address: string) => Promise<void>
}

type Served = 'mounting:check' | 'mounting:setUp' | 'mounting:cancel' | 'link:open'

/** All that the window can have opened. */
const addresses: Record<WebLink, string> = { macfuse: 'https://macfuse.github.io/' }

export function mountingHandlers({ mounting, openAddress }: MountingHandlersOptions): Pick<IpcHandlers, Served> {
  return {
    'mounting:check': () => mounting.check(),
    'mounting:setUp': () => {
      mounting.setUp()
      return {}
    },
    'mounting:cancel': () => {
      mounting.cancel()
      return {}
    },
    'link:open': async ({ link }) => {
      await openAddress(addresses[link])
      return {}
    },
  }
}
