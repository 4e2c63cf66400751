/**
 * Main's end of the bridge; the only importer of ipcMain. Answers nobody but the top frame of our own window, showing
 * our own page.
 */
import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron'
import { z } from 'zod'
import {
  ipcEventChannel,
  ipcEventSeenChannel,
  ipcRequests,
  type IpcEventMessage,
  type IpcRequestName,
} from '../contracts/ipc.ts'
import { answerRequest, type IpcHandlers } from './ipc-dispatch.ts'

export type IpcOptions = {
  handlers: IpcHandlers
  /** The window's contents, if it is open. */
  contents(): WebContents | undefined
  /** Where our own page comes from, such as `cloudmount://window`. */
  origin: string
  eventSeen(sequence: number): void
  log: (message: string) => void
}

export function registerIpc(options: IpcOptions): void {
  const trusted = (event: IpcMainInvokeEvent): boolean => {
    const frame = event.senderFrame
    const contents = options.contents()
    const isOurs =
      contents !== undefined &&
      event.sender === contents &&
      frame === contents.mainFrame &&
      frame.url.startsWith(`${options.origin}/`)
    if (!isOurs) options.log(`refused a request from ${frame?.url ?? 'a frame that is gone'}`)
    return isOurs
  }

  for (const name of Object.keys(ipcRequests) as IpcRequestName[]) {
    ipcMain.handle(name, (event, params: unknown) => {
      if (!trusted(event)) throw new Error('refused')
      return answerRequest(options.handlers, name, params, options.log)
    })
  }
  ipcMain.handle(ipcEventSeenChannel, (event, sequence: unknown) => {
    if (trusted(event)) options.eventSeen(z.number().int().parse(sequence))
  })
}

export function sendEvent(contents: WebContents, message: IpcEventMessage): void {
  if (!contents.isDestroyed()) contents.send(ipcEventChannel, message)
}
