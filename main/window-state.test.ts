import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from './testing/temp-folder.ts'
import { defaultWindowState, readWindowState, writeWindowState } from './window-state.ts'

const screen = { x: 0, y: 0, width: 1920, height: 1080 }
const state = { x: 300, y: 200, width: 900, height: 600, isMaximized: true }

it('the window comes back where it was', () => {
  const path = join(tempFolder(), 'window.json')
  writeWindowState(path, state)
  expect(readWindowState(path, [screen])).toEqual(state)
})

it('on a screen that is gone it keeps its size only', () => {
  const path = join(tempFolder(), 'window.json')
  writeWindowState(path, { ...state, x: 2500 })
  expect(readWindowState(path, [screen])).toEqual({ width: 900, height: 600, isMaximized: true })
})

it.each(['', '{}', '{"width":1e99,"height":1,"isMaximized":false}'])('%j is ignored', (text) => {
  const path = join(tempFolder(), 'window.json')
  writeFileSync(path, text)
  expect(readWindowState(path, [screen])).toEqual(defaultWindowState)
})
