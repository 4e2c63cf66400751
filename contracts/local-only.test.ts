import { describe, expect, test } from 'vitest'
import { localOnlyPatternSchema } from './drive.ts'
import { defaultLocalOnlyPatterns, localOnlyMatcher, patternsFromText } from './local-only.ts'

describe('names of junk', () => {
  const isLocalOnly = localOnlyMatcher(defaultLocalOnlyPatterns)
  test.each([
    '.DS_Store',
    '._resource',
    '.Trash-1000',
    '.fuse_hidden0000000100000001',
    '.nfs0001',
    '.~lock.doc.odt#',
    '~$report.docx',
    'Thumbs.db',
    'desktop.ini',
    '.notes.txt.swp',
    '.notes.txt.swo',
    '.a.swpx',
  ])('%j stays here', (name) => expect(isLocalOnly(name)).toBe(true))
  test.each([
    'DS_Store',
    'x.DS_Store',
    '.DS_Store2',
    'thumbs.db',
    'desktop.ini.txt',
    'notes.swp',
    '~report$.docx',
    '.swp',
    '.trash',
    '_._',
    'a\n.DS_Store',
  ])('%j is a name like others', (name) => expect(isLocalOnly(name)).toBe(false))
})

describe('patterns', () => {
  test.each<[string, string, boolean]>([
    ['*.tmp', 'a.tmp', true],
    ['*.tmp', 'atmp', false],
    ['a?c', 'abc', true],
    ['a?c', 'a😀c', true],
    ['a?c', 'ac', false],
    ['a+(b)', 'a+(b)', true],
    ['a+(b)', 'aab', false],
    ['[ab]x', 'bx', true],
    ['[ab]x', 'cx', false],
    ['*', 'a\nb', true],
  ])('%j and %j', (pattern, name, matches) => expect(localOnlyMatcher([pattern])(name)).toBe(matches))
  test('none match nothing', () => expect(localOnlyMatcher([])('')).toBe(false))
})

describe('a pattern a person gives', () => {
  test.each(['', 'a/b', '*', '***', '[', '[z-a]', 'x'.repeat(256)])('is refused when it is “%s”', (pattern) => {
    expect(localOnlyPatternSchema.safeParse(pattern).success).toBe(false)
  })
  test.each([...defaultLocalOnlyPatterns, '*.tmp', 'node_modules'])('may be “%s”', (pattern) => {
    expect(localOnlyPatternSchema.safeParse(pattern).success).toBe(true)
  })
  test('stands on a line of its own', () => {
    expect(patternsFromText(' *.tmp \n\nnode_modules\n')).toEqual(['*.tmp', 'node_modules'])
  })
})
