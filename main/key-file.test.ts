import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Problem } from '../contracts/problem.ts'
import type * as Format from './key-file-format.ts'
import { openKeyFile } from './key-file.ts'
import { tempFolder } from './testing/temp-folder.ts'

// The promised cost is checked in key-file-format.test.ts; a test would wait for it a dozen times.
vi.mock('./key-file-format.ts', async (original) => {
  const format = await original<typeof Format>()
  const salt = Buffer.alloc(32, 7).toString('base64')
  const cheap = { name: 'scrypt', N: 2 ** 14, r: 8, p: 1, salt } as const
  return { ...format, deriveKey: (passphrase: string) => format.deriveKey(passphrase, cheap) }
})

const passphrase = 'correct horse battery'

function place() {
  const folder = tempFolder()
  const path = join(folder, 'keys.json')
  const problems: Problem[] = []
  const open = () => openKeyFile({ path, nowMs: () => 1000, damaged: (problem) => void problems.push(problem) })
  return { folder, path, problems, open }
}

async function filled() {
  const all = place()
  const file = all.open()
  await file.create(passphrase)
  file.set('account:1', 'one')
  return { ...all, file }
}

describe('the key file on disk', () => {
  it('is there after it was made, locked at the next start, and opens with its passphrase', async () => {
    const { open, file, path, folder } = await filled()
    expect(file.state()).toBe('open')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['keys.json'])
    const again = open()
    expect(again.state()).toBe('locked')
    expect(() => again.get('account:1')).toThrow('The key file is locked.')
    await again.unlock(passphrase)
    expect(again.get('account:1')).toBe('one')
  })

  it('a wrong passphrase is told as one, and loses nothing', async () => {
    const { open, path } = await filled()
    const before = readFileSync(path)
    const again = open()
    await expect(again.unlock('incorrect horse')).rejects.toMatchObject({ problem: { code: 'passphrase-wrong' } })
    expect(again.state()).toBe('locked')
    expect(readFileSync(path)).toEqual(before)
    await again.unlock(passphrase)
    expect(again.get('account:1')).toBe('one')
  })

  it('is never made over another one', async () => {
    const { open } = await filled()
    await expect(open().create('another passphrase')).rejects.toMatchObject({ problem: { code: 'already-exists' } })
  })

  it('a changed passphrase opens it and the old one does not; a wrong one changes nothing', async () => {
    const { file, open } = await filled()
    await expect(file.changePassphrase('incorrect', 'new passphrase')).rejects.toMatchObject({
      problem: { code: 'passphrase-wrong' },
    })
    await file.changePassphrase(passphrase, 'new passphrase')
    file.set('account:2', 'two')
    const again = open()
    await expect(again.unlock(passphrase)).rejects.toMatchObject({ problem: { code: 'passphrase-wrong' } })
    await again.unlock('new passphrase')
    expect([again.get('account:1'), again.get('account:2')]).toEqual(['one', 'two'])
  })

  it('what is saved while the passphrase is being changed is in it', async () => {
    const { file, open } = await filled()
    const changing = file.changePassphrase(passphrase, 'new passphrase')
    file.set('account:2', 'two')
    await changing
    const again = open()
    await again.unlock('new passphrase')
    expect(again.get('account:2')).toBe('two')
  })

  it('damaged, it is set aside and said so at the start, and not deleted', async () => {
    const { open, path, problems, folder } = await filled()
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.slice(0, text.length / 2))
    const again = open()
    expect(again.state()).toBe('absent')
    expect(problems).toMatchObject([{ code: 'keys-damaged', consequence: expect.stringContaining('damaged-1000') }])
    expect(readFileSync(join(folder, 'keys.damaged-1000.json'), 'utf8')).toBe(text.slice(0, text.length / 2))
    expect(existsSync(path)).toBe(false)
  })

  it('damaged while it was locked, it is set aside when it is unlocked', async () => {
    const { open, path, folder } = await filled()
    const again = open()
    writeFileSync(path, 'x')
    await expect(again.unlock(passphrase)).rejects.toMatchObject({ problem: { code: 'keys-damaged' } })
    expect(readdirSync(folder)).toEqual(['keys.damaged-1000.json'])
    expect(again.state()).toBe('absent')
  })

  it('a process that died before the rename leaves the keys that were there before', async () => {
    const { open, path, folder } = await filled()
    writeFileSync(`${path}.new`, readFileSync(path, 'utf8').slice(0, 40))
    const again = open()
    expect(readdirSync(folder)).toEqual(['keys.json'])
    await again.unlock(passphrase)
    expect(again.get('account:1')).toBe('one')
  })

  it('a key that cannot be written is not kept, and the others stay', async () => {
    const { file, folder, path } = await filled()
    const before = readFileSync(path)
    // Nothing can be opened for writing where a folder has the name.
    mkdirSync(join(folder, 'keys.json.new', 'x'), { recursive: true })
    expect(() => file.set('account:2', 'two')).toThrow()
    expect(file.get('account:2')).toBeUndefined()
    expect(readFileSync(path)).toEqual(before)
    rmSync(join(folder, 'keys.json.new'), { recursive: true })
    file.set('account:2', 'two')
    expect(file.get('account:2')).toBe('two')
  })

  it('forgotten, it is gone, and another one can be made', async () => {
    const { open, folder } = await filled()
    const again = open()
    again.forget()
    expect([again.state(), readdirSync(folder)]).toEqual(['absent', []])
    await again.create('a new passphrase')
    expect(again.get('account:1')).toBeUndefined()
  })

  it('an entry that was deleted is not in it at the next start', async () => {
    const { file, open } = await filled()
    file.delete('account:1')
    const again = open()
    await again.unlock(passphrase)
    expect(again.get('account:1')).toBeUndefined()
  })
})
