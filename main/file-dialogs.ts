/** What the person picks in the system's own dialogs; undefined is nothing. */
import { dialog, type OpenDialogOptions } from 'electron'
import type { AppWindow } from './app-window.ts'

type Asked = { title: string; start?: string | undefined }
type Properties = NonNullable<OpenDialogOptions['properties']>

export function fileDialogs(window: AppWindow) {
  const choosePaths = async (properties: Properties, { title, start }: Asked): Promise<string[] | undefined> => {
    const options = { title, properties, ...(start === undefined ? {} : { defaultPath: start }) }
    const owner = window.current()
    const asked = owner ? dialog.showOpenDialog(owner, options) : dialog.showOpenDialog(options)
    const { canceled, filePaths } = await asked
    return canceled ? undefined : filePaths
  }
  return {
    choose: async (what: 'directory' | 'file', asked: Asked): Promise<string | undefined> =>
      (await choosePaths(what === 'directory' ? ['openDirectory', 'createDirectory'] : ['openFile'], asked))?.[0],
    chooseSources: (asked: Asked): Promise<string[] | undefined> => choosePaths(['openFile', 'multiSelections'], asked),
    chooseTarget: async ({ title, start }: { title: string; start: string }): Promise<string | undefined> => {
      const owner = window.current()
      const options = { title, defaultPath: start }
      const asked = owner ? dialog.showSaveDialog(owner, options) : dialog.showSaveDialog(options)
      const { canceled, filePath } = await asked
      return canceled || filePath === '' ? undefined : filePath
    },
  }
}
