/**
 * The one bridge between the window and main: `window.cloudmount`. Runs sandboxed and holds nothing but the names that
 * may be asked for, and which files of this computer a person gave to the window; main checks everything else. The contract is imported as types only, so that no library is loaded here.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type {
  CloudMountBridge,
  ipcEventChannel,
  IpcEventMessage,
  ipcEventSeenChannel,
  IpcReply,
  IpcRequestName,
} from '../contracts/ipc.ts'
import { GivenPaths } from './given-paths.ts'

/** Complete by its type: a request added to the contract and not here does not compile. */
const names: Record<IpcRequestName, true> = {
  'app:snapshot': true,
  'account:save': true,
  'account:remove': true,
  'account:test': true,
  'account:stop': true,
  'account:profiles': true,
  'import:find': true,
  'import:apply': true,
  'keys:create': true,
  'keys:unlock': true,
  'keys:passphrase': true,
  'keys:forget': true,
  'drive:save': true,
  'drive:remove': true,
  'drive:mount': true,
  'drive:unmount': true,
  'drive:open': true,
  'drive:sync': true,
  'drive:pause': true,
  'drive:resume': true,
  'pin:list': true,
  'pin:add': true,
  'pin:remove': true,
  'drive:locate': true,
  'version:list': true,
  'version:content': true,
  'version:open': true,
  'version:save': true,
  'version:restore': true,
  'version:deleted': true,
  'version:undelete': true,
  'file:list': true,
  'file:search': true,
  'file:content': true,
  'file:properties': true,
  'file:share': true,
  'file:keep': true,
  'file:release': true,
  'file:free': true,
  'file:download': true,
  'file:upload': true,
  'file:makeFolder': true,
  'file:rename': true,
  'file:delete': true,
  'file:open': true,
  'file:reveal': true,
  'drive:reconnect': true,
  'drive:copySignIn': true,
  'network:changed': true,
  'transfer:retry': true,
  'transfer:prioritize': true,
  'transfer:pause': true,
  'transfer:cancel': true,
  'transfer:discard': true,
  'conflict:list': true,
  'conflict:resolve': true,
  'conflict:undo': true,
  'conflict:merge': true,
  'conflict:content': true,
  'conflict:open': true,
  'recovered:list': true,
  'recovered:content': true,
  'recovered:open': true,
  'recovered:restore': true,
  'recovered:remove': true,
  'transfer:clear': true,
  'mounting:check': true,
  'mounting:setUp': true,
  'mounting:cancel': true,
  'link:open': true,
  'text:copy': true,
  'notice:dismiss': true,
  'settings:save': true,
  'proxy:save': true,
  'proxy:test': true,
  'dialog:directory': true,
  'dialog:file': true,
  'activity:list': true,
  'caches:place': true,
  'caches:check': true,
  'caches:move': true,
  'caches:cancel': true,
  'caches:dismiss': true,
  'updates:check': true,
  'updates:download': true,
  'updates:cancel': true,
  'updates:restart': true,
  'diagnostics:bundle': true,
  'diagnostics:copy': true,
  'diagnostics:save': true,
  'quit:answer': true,
}
const eventChannel: typeof ipcEventChannel = 'app:event'
const eventSeenChannel: typeof ipcEventSeenChannel = 'app:event-seen'

const given = new GivenPaths()

const bridge: CloudMountBridge = {
  async request(name, params) {
    if (!Object.hasOwn(names, name)) return refused(`There is no request ${name as string}.`)
    const stranger = given.strangerIn(name, params)
    if (stranger !== undefined) return notGiven(name, stranger)
    try {
      const reply = (await ipcRenderer.invoke(name, params)) as IpcReply<never>
      given.noteChosen(name, reply)
      return reply
    } catch (error) {
      return refused(error instanceof Error ? error.message : String(error))
    }
  },
  pathsOf(files) {
    const paths = files.map((file) => pathOf(file as File))
    given.note(paths)
    return paths
  },
  onEvent(listener) {
    const hear = (_event: unknown, message: IpcEventMessage) => listener(message)
    ipcRenderer.on(eventChannel, hear)
    return () => void ipcRenderer.removeListener(eventChannel, hear)
  },
}

// Acknowledged here, not by the page, so that a page that forgets to listen cannot stop the stream.
ipcRenderer.on(eventChannel, (_event, message: IpcEventMessage) => {
  ipcRenderer.invoke(eventSeenChannel, message.sequence).catch(() => {})
})

contextBridge.exposeInMainWorld('cloudmount', Object.freeze(bridge))

/** Electron 25 has it on the file itself, and later ones only here. */
function pathOf(file: File & { path?: string }): string {
  const asked = webUtils as typeof webUtils | undefined
  return asked?.getPathForFile(file) ?? file.path ?? ''
}

function notGiven(name: IpcRequestName, path: string): Extract<IpcReply<never>, { ok: false }> {
  const [what, remedy] =
    name === 'file:upload'
      ? [
          'added: it was neither dropped on this window nor chosen in a dialog.',
          'Drop it on the window, or choose it with “Upload…”.',
        ]
      : ['read: it was not chosen in a dialog.', 'Choose it with “Choose file…”.']
  return { ok: false, problem: { code: 'invalid-input', message: `“${path}” was not ${what}`, remedy } }
}

function refused(detail: string): Extract<IpcReply<never>, { ok: false }> {
  return {
    ok: false,
    problem: {
      code: 'internal',
      message: 'CloudMount could not be asked.',
      remedy: 'Close the window and open it again.',
      detail,
    },
  }
}
