import { describe, expect, it } from 'vitest'
import { decodeHeaderText, decodeListedKey, encodeHeaderText, normalizeETag } from './header-text.ts'

describe('text in headers', () => {
  it.each([
    'plain',
    '',
    '1700000000.5',
    'Grüße',
    '😀',
    ' edge ',
    'two  spaces',
    'line\nbreak',
    '=?UTF-8?B?eA==?=',
    '100% +&/',
  ])('carries %j there and back in printable ASCII', (value) => {
    const sent = encodeHeaderText(value)
    expect(sent).toMatch(/^[\x21-\x7E]?(?:[\x20-\x7E]*[\x21-\x7E])?$/)
    expect(decodeHeaderText(sent)).toBe(value)
  })

  it('leaves plain values as every other tool expects them', () => {
    expect(encodeHeaderText('33188')).toBe('33188')
    expect(encodeHeaderText('{"user.a":"YQ=="}')).toBe('{"user.a":"YQ=="}')
  })

  it('reads what Amazon, and servers that send raw UTF-8, make of other writers’ text', () => {
    expect(decodeHeaderText('=?UTF-8?Q?Gr=C3=BC=C3=9Fe_dort?=')).toBe('Grüße dort')
    expect(decodeHeaderText('=?utf-8?b?w7w=?= =?utf-8?b?w58=?=')).toBe('üß')
    expect(decodeHeaderText('=?ISO-8859-1?Q?=FC?=')).toBe('ü')
    expect(decodeHeaderText(Buffer.from('Grüße').toString('latin1'))).toBe('Grüße')
    expect(decodeHeaderText('\xFC')).toBe('ü')
  })

  it('decodes keys of a listing once', () => {
    expect(decodeListedKey('a+b%2Bc%2520d%0A')).toBe('a b+c%20d\n')
    expect(decodeListedKey('%E0%A4')).toBe('%E0%A4')
  })

  it('writes an ETag one way', () => {
    expect(['"a"', 'a', 'W/"a"'].map(normalizeETag)).toEqual(['"a"', '"a"', '"a"'])
  })
})
