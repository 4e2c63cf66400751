import { describe, expect, it } from 'vitest'
import { GivenPaths } from './given-paths.ts'

describe('paths that may be read', () => {
  it('are those that were dropped or chosen, and no others', () => {
    const given = new GivenPaths()
    expect(given.strangerIn('file:upload', { sources: ['/etc/passwd'] })).toBe('/etc/passwd')
    given.note(['/home/ana/a.txt', ''])
    given.noteChosen('file:upload', {
      ok: true,
      result: { outcomes: [], clashes: ['b.txt'], sources: ['/home/ana/b.txt'] },
    })
    expect(given.strangerIn('file:upload', { sources: ['/home/ana/a.txt', '/home/ana/b.txt'] })).toBeUndefined()
    expect(given.strangerIn('file:upload', { sources: ['/home/ana/a.txt', '/home/ana/a.txt/../c'] })).toBe(
      '/home/ana/a.txt/../c',
    )
    expect(given.strangerIn('file:upload', { sources: [''] })).toBe('')
  })

  it('are not needed where the dialog asks for them, and what makes no sense is passed on to be refused', () => {
    const given = new GivenPaths()
    for (const params of [{}, undefined, null, { sources: [7] }])
      expect(given.strangerIn('file:upload', params)).toBeUndefined()
    given.noteChosen('file:upload', undefined)
    given.noteChosen('file:upload', { ok: false, problem: {} })
  })

  it.each(['import:find', 'import:apply'])('%s reads the usual places, and what was chosen in a dialog', (name) => {
    const given = new GivenPaths()
    expect(given.strangerIn(name, {})).toBeUndefined()
    expect(given.strangerIn(name, { path: '/etc/shadow' })).toBe('/etc/shadow')
    given.noteChosen('dialog:directory', { ok: true, result: { path: '/etc' } })
    given.noteChosen('dialog:file', { ok: true, result: {} })
    expect(given.strangerIn(name, { path: '/etc' })).toBe('/etc')
    given.noteChosen('dialog:file', { ok: true, result: { path: '/home/ana/rclone.conf' } })
    expect(given.strangerIn(name, { path: '/home/ana/rclone.conf' })).toBeUndefined()
  })

  it('say nothing of the folder of the drive that something is uploaded to', () => {
    expect(new GivenPaths().strangerIn('file:upload', { path: 'photos' })).toBeUndefined()
    expect(new GivenPaths().strangerIn('file:list', { path: 'photos' })).toBeUndefined()
  })
})
