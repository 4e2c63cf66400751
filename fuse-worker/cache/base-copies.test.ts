import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../runtime/log.ts'
import { scratchDirectory } from '../testing/local-drive.ts'
import { BaseCopies } from './base-copies.ts'

const text = (content: string): Buffer => Buffer.from(content)

describe('copies of earlier versions', () => {
  let scratch: ReturnType<typeof scratchDirectory>
  let directory: string
  const open = (mostBytes = 1_000): BaseCopies =>
    new BaseCopies({ directory, mostBytes: () => mostBytes, log: silentLog })

  beforeEach(() => {
    scratch = scratchDirectory()
    directory = join(scratch.path, 'bases')
  })
  afterEach(() => scratch.remove())

  const onlyFile = (): string => join(directory, readdirSync(directory)[0] ?? 'none')

  it('are had again for that key and that ETag alone, in a later process too', () => {
    open().keep('a', '"1"', text('one'))
    const copies = open()
    expect(copies.read('a', '"1"')?.toString()).toBe('one')
    expect([copies.has('a', '"2"'), copies.has('b', '"1"')]).toEqual([false, false])
    expect([copies.read('a', '"2"'), copies.read('b', '"1"')]).toEqual([undefined, undefined])
  })

  it('are one a key: another takes the place of the one before', () => {
    const copies = open()
    copies.keep('a', '"1"', text('one'))
    copies.keep('a', '"2"', text('two'))
    expect(copies.has('a', '"1"')).toBe(false)
    expect(copies.read('a', '"2"')?.toString()).toBe('two')
    expect(readdirSync(directory)).toHaveLength(1)
  })

  it.each([
    ['cut short by a crash', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['empty after a crash', () => Buffer.alloc(0)],
    ['changed on the disk', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), text('!')])],
  ])('%s are never shown, and are gone from then on', (_, damage) => {
    open().keep('a', '"1"', text('the version both began from'))
    writeFileSync(onlyFile(), damage(readFileSync(onlyFile())))
    const copies = open()
    expect(copies.read('a', '"1"')).toBeUndefined()
    expect(copies.has('a', '"1"')).toBe(false)
    expect(readdirSync(directory)).toEqual([])
  })

  it('of another file under this name are never shown', () => {
    open().keep('a', '"1"', text('one'))
    const name = onlyFile()
    rmSync(name)
    open().keep('b', '"1"', text('two'))
    writeFileSync(name, readFileSync(onlyFile()))
    expect(open().read('a', '"1"')).toBeUndefined()
  })

  it('take no more room than they may, and give it back', () => {
    const copies = open(100)
    copies.keep('a', '"1"', Buffer.alloc(60))
    copies.keep('b', '"1"', Buffer.alloc(60))
    expect([copies.has('a', '"1"'), copies.has('b', '"1"')]).toEqual([true, false])
    copies.drop('a')
    copies.keep('b', '"1"', Buffer.alloc(60))
    expect(copies.has('b', '"1"')).toBe(true)
    const later = open(100)
    later.keep('c', '"1"', Buffer.alloc(60))
    expect(later.has('c', '"1"')).toBe(false)
  })

  it('that nobody needs any more go', () => {
    const copies = open()
    for (const key of ['a', 'b', 'c']) copies.keep(key, '"1"', text(key))
    copies.keepOnly(['b'])
    expect(['a', 'b', 'c'].filter((key) => copies.has(key, '"1"'))).toEqual(['b'])
    expect(readdirSync(directory)).toHaveLength(1)
  })

  it('that cannot be written are not there, and nobody is troubled', () => {
    const copies = open()
    rmSync(directory, { recursive: true })
    copies.keep('a', '"1"', text('one'))
    expect(copies.has('a', '"1"')).toBe(false)
    writeFileSync(directory, 'in the way')
    expect(() => open()).not.toThrow()
    rmSync(directory)
    mkdirSync(directory)
    copies.keep('a', '"1"', text('one'))
    expect(copies.read('a', '"1"')?.toString()).toBe('one')
  })
})
