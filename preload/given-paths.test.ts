import { describe, expect, it } from 'vitest'
import { GivenPaths } from './given-paths.ts'

describe('paths that may be uploaded', () => {
  it('are those that were dropped or chosen, and no others', () => {
    const given = new GivenPaths()
    expect(given.strangerIn({ sources: ['/etc/passwd'] })).toBe('/etc/passwd')
    given.note(['/home/ana/a.txt', ''])
    given.noteChosen({ ok: true, result: { outcomes: [], clashes: ['b.txt'], sources: ['/home/ana/b.txt'] } })
    expect(given.strangerIn({ sources: ['/home/ana/a.txt', '/home/ana/b.txt'] })).toBeUndefined()
    expect(given.strangerIn({ sources: ['/home/ana/a.txt', '/home/ana/a.txt/../c'] })).toBe('/home/ana/a.txt/../c')
    expect(given.strangerIn({ sources: [''] })).toBe('')
  })

  it('are not needed where the dialog asks for them, and what makes no sense is passed on to be refused', () => {
    const given = new GivenPaths()
    for (const params of [{}, undefined, null, { sources: 'x' }, { sources: [7] }])
      expect(given.strangerIn(params)).toBeUndefined()
    given.noteChosen(undefined)
    given.noteChosen({ ok: false, problem: {} })
  })
})
