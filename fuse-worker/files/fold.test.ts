import { describe, expect, it } from 'vitest'
import { fold, sortKey } from './fold.ts'

describe('names as people compare them', () => {
  it('case and accents do not matter, in either spelling', () => {
    expect(fold('Übersicht É')).toBe('ubersicht e')
    expect(fold('e\u0301te\u0301')).toBe(fold('Été'))
    expect(fold('Ｆｕｌｌ')).toBe('full')
  })

  it('numbers in names go by their value', () => {
    const names = ['b', 'a10', 'a2', 'A1', 'a02b', 'a', 'é1', 'f', 'a2000', 'a 1', '10', '9', 'a_1', '007']
    const sorted = [...names].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    expect(sorted).toEqual(['007', '9', '10', 'a', 'a 1', 'A1', 'a2', 'a02b', 'a10', 'a2000', 'a_1', 'b', 'é1', 'f'])
  })
})
