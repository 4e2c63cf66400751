import { expect, it } from 'vitest'
import { childrenNamed, childText, element, parseXml, xmlDocument } from './xml.ts'

it.each([
  'plain',
  'a & b',
  '<tag>',
  '"quoted"',
  'line\nbreak',
  'carriage\rreturn',
  'tab\t',
  ' edge ',
  '日本 😀',
  '&amp;',
  ']]>',
])('%j survives writing and reading', (text) => {
  const document = parseXml(xmlDocument('Root', element('Key', text)))
  expect(childText(document, 'Key')).toBe(text)
})

it('characters that XML has no place for are written as references, and refused when read', () => {
  expect(element('Key', 'a\u0001b')).toBe('<Key>a&#x1;b</Key>')
  expect(() => parseXml('<a>&#x1;</a>')).toThrow()
})

it('reads elements in order, with namespaces, attributes, comments and empty ones', () => {
  const document = parseXml(
    '<?xml version="1.0"?><!-- note --><s3:Delete xmlns:s3="urn:x"><Object a="1"><Key>one</Key></Object><Object><Key/></Object></s3:Delete>',
  )
  expect(document.name).toBe('Delete')
  expect(childrenNamed(document, 'Object').map((object) => childText(object, 'Key'))).toEqual(['one', ''])
})

it.each(['', 'text', '<a>', '</a>', '<a></b>', '<a/><b/>', '<a>&unknown;</a>', '<!DOCTYPE a><a/>', '<a'])(
  '%j is not a document',
  (text) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: 'MalformedXML' }) as Error)
  },
)
