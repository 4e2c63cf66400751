import { expect, it } from 'vitest'
import { windowOf } from './virtual-window.ts'

const list = { rowCount: 10_000, rowPx: 50, viewPx: 500, margin: 2 }

it('draws only what is seen and a margin', () => {
  expect(windowOf({ ...list, scrollPx: 5000 })).toEqual({ first: 98, last: 112, offsetPx: 4900, totalPx: 500_000 })
})

it('starts at the top', () => expect(windowOf({ ...list, scrollPx: 0 })).toMatchObject({ first: 0, last: 12 }))

it('ends with the last row', () => {
  expect(windowOf({ ...list, scrollPx: 500_000 })).toMatchObject({ first: 9988, last: 10_000 })
})

it('a list that shrank under a far scroll shows its end, not nothing', () => {
  expect(windowOf({ ...list, rowCount: 30, scrollPx: 400_000 })).toMatchObject({ first: 18, last: 30 })
})

it('a list shorter than the view shows all of it', () => {
  expect(windowOf({ ...list, rowCount: 3, scrollPx: 0 })).toMatchObject({ first: 0, last: 3, offsetPx: 0 })
})
