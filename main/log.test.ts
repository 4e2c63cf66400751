import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fileLog } from './log.ts'
import { tempFolder } from './testing/temp-folder.ts'

it('a full log moves aside, and only so many are kept', () => {
  const path = join(tempFolder(), 'logs', 'main.log')
  const log = fileLog({ path, maxBytes: 100, keptFiles: 2, now: () => new Date(0) })
  for (let n = 0; n < 10; n++) log('info', `line ${n} ${'x'.repeat(40)}`)
  expect(readFileSync(path, 'utf8')).toContain('line 9')
  expect(readFileSync(`${path}.1`, 'utf8')).toContain('line 8')
  expect(existsSync(`${path}.2`)).toBe(true)
  expect(existsSync(`${path}.3`)).toBe(false)
})

it('a message is one line, whatever it holds', () => {
  const path = join(tempFolder(), 'main.log')
  fileLog({ path, now: () => new Date(0) })('warning', 'a\nb')
  expect(readFileSync(path, 'utf8')).toBe('1970-01-01T00:00:00.000Z warning a ⏎ b\n')
})

it('a log that cannot be written stops nothing', () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  expect(() => fileLog({ path: join(file, 'main.log') })('error', 'x')).not.toThrow()
})
