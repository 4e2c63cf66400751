import { beforeEach, expect, it } from 'vitest'
import type { DriveState } from '../contracts/drive.ts'
import { LatePush } from './late-push.ts'

let state: DriveState['state']
let sent: string[]
let push: LatePush

beforeEach(() => {
  sent = []
  push = new LatePush(() => state)
})
const send = (what: string) => () => Promise.resolve(void sent.push(what))
const become = async (next: DriveState['state']): Promise<void> => {
  state = next
  push.stateChanged('a')
  await new Promise((resolve) => setImmediate(resolve))
}

it('sends to a mounted drive one after another, also what is slow', async () => {
  state = 'mounted'
  let letGo = (): void => undefined
  const slow = push.push('a', 'keys', async () => {
    await new Promise<void>((resolve) => (letGo = resolve))
    sent.push('first')
  })
  const quick = push.push('a', 'keys', send('second'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toEqual([])
  letGo()
  await Promise.all([slow, quick])
  expect(sent).toEqual(['first', 'second'])
})

it('tells a drive that was mounting or being unmounted the last of each once it is mounted', async () => {
  state = 'mounting'
  await push.push('a', 'keys', send('keys 1'))
  await push.push('a', 'proxy', send('proxy'))
  await push.push('a', 'keys', send('keys 2'))
  await become('mounting')
  expect(sent).toEqual([])
  await become('mounted')
  expect(sent).toEqual(['keys 2', 'proxy'])
  state = 'unmounting'
  await push.push('a', 'keys', send('keys 3'))
  await become('mounted')
  await become('mounted')
  expect(sent).toEqual(['keys 2', 'proxy', 'keys 3'])
})

it('tells nothing to a drive that reads it when it is mounted', async () => {
  state = 'restarting'
  await push.push('a', 'keys', send('keys'))
  state = 'mounting'
  await push.push('a', 'keys', send('later keys'))
  await become('failed')
  await become('mounted')
  expect(sent).toEqual([])
})
