import { describe, expect, it, vi } from 'vitest'
import { ipcEventSeenChannel, ipcRequests, type IpcRequestName } from '../contracts/ipc.ts'
import { ProblemError } from '../contracts/problem.ts'
import { answerRequest, type IpcHandlers } from './ipc-dispatch.ts'
import { registerIpc } from './ipc.ts'
import { requestHandlers, type RequestHandlersOptions } from './request-handlers.ts'
import { sampleAccount } from './testing/samples.ts'

type Listener = (event: unknown, params: unknown) => unknown

const electron = vi.hoisted(() => ({
  handlers: new Map<string, Listener>(),
  invoked: [] as string[],
  exposed: new Map<string, unknown>(),
}))

vi.mock('electron', () => ({
  ipcMain: { handle: (name: string, listener: Listener) => electron.handlers.set(name, listener) },
  ipcRenderer: {
    invoke: (name: string) => {
      electron.invoked.push(name)
      return Promise.resolve({ ok: true, result: {} })
    },
    on: () => {},
  },
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => electron.exposed.set(name, value) },
}))

const names = Object.keys(ipcRequests) as IpcRequestName[]
const table = requestHandlers({} as RequestHandlersOptions)

describe('the contract of the window and main', () => {
  it('every channel has a handler and every handler a channel', () => {
    registerIpc({ handlers: table, contents: () => undefined, origin: 'x://y', eventSeen: () => {}, log: () => {} })
    expect([...electron.handlers.keys()].sort()).toEqual([...names, ipcEventSeenChannel].sort())
    expect(Object.keys(table).sort()).toEqual([...names].sort())
  })

  it('the bridge passes every channel and no other', async () => {
    await import('../preload/index.ts')
    const bridge = electron.exposed.get('cloudmount') as {
      request(name: string, params: unknown): Promise<{ ok: boolean }>
    }
    expect(Object.keys(bridge).sort()).toEqual(['onEvent', 'pathsOf', 'request'])
    expect(Object.isFrozen(bridge)).toBe(true)
    for (const name of names) expect(await bridge.request(name, {})).toMatchObject({ ok: true })
    for (const name of ['shell:run', 'toString', '__proto__'])
      expect(await bridge.request(name, {})).toMatchObject({ ok: false })
    expect(electron.invoked).toEqual(names)
  })

  it('answers nobody but the top frame of our window on our page', async () => {
    const mainFrame = { url: 'cloudmount://window/index.html' }
    const contents = { mainFrame }
    const settled = vi.fn(() => Promise.resolve(['work']))
    electron.handlers.clear()
    registerIpc({
      handlers: requestHandlers({ profiles: settled } as unknown as RequestHandlersOptions),
      contents: () => contents as never,
      origin: 'cloudmount://window',
      eventSeen: () => {},
      log: () => {},
    })
    const ask = electron.handlers.get('account:profiles')
    const elsewhere = { url: 'https://example.com/' }
    const strangers = [
      { sender: {}, senderFrame: mainFrame },
      { sender: contents, senderFrame: { url: mainFrame.url } },
      { sender: contents, senderFrame: null },
      { sender: { ...contents, mainFrame: elsewhere }, senderFrame: elsewhere },
    ]
    for (const event of strangers) expect(() => ask?.(event, {})).toThrow('refused')
    expect(settled).not.toHaveBeenCalled()
    expect(await ask?.({ sender: contents, senderFrame: mainFrame }, {})).toEqual({
      ok: true,
      result: { profiles: ['work'] },
    })
    mainFrame.url = 'cloudmount://window.evil/index.html'
    expect(() => ask?.({ sender: contents, senderFrame: mainFrame }, {})).toThrow('refused')
  })
})

describe('an answer to the window', () => {
  const log = () => {}
  const only = (handlers: Partial<IpcHandlers>) => handlers as IpcHandlers

  it('names the field that does not fit', async () => {
    const reply = await answerRequest(table, 'drive:mount', { id: 7 }, log)
    expect(reply).toMatchObject({
      ok: false,
      problem: { code: 'invalid-input', message: expect.stringContaining('id') as string },
    })
  })

  it('carries a problem with all its fields', async () => {
    const problem = { code: 'disk-full', message: 'full', remedy: 'free some' } as const
    const handlers = only({ 'transfer:clear': () => Promise.reject(new ProblemError(problem)) })
    expect(await answerRequest(handlers, 'transfer:clear', {}, log)).toEqual({ ok: false, problem })
  })

  it('never carries a field the contract does not name, such as a secret', async () => {
    const account = { ...sampleAccount(), secretAccessKey: 's3cret' }
    const handlers = only({ 'account:save': () => ({ account, secret: { secretAccessKey: 's3cret' } }) })
    const reply = await answerRequest(handlers, 'account:save', { account: sampleAccount() }, log)
    expect(reply).toEqual({ ok: true, result: { account: sampleAccount() } })
  })

  it('of the wrong shape is an internal problem, not a wrong answer', async () => {
    const handlers = only({ 'account:profiles': () => ({ profiles: [1] }) as never })
    expect(await answerRequest(handlers, 'account:profiles', {}, log)).toMatchObject({
      ok: false,
      problem: { code: 'internal' },
    })
  })
})
