import { expect, it } from 'vitest'
import { largestTextBytes } from '../contracts/conflict.ts'
import { contentOf } from './side-content.ts'

it('a text in UTF-8 is shown so that writing it back gives the same bytes', () => {
  for (const text of ['', 'Grüße\r\n', '\ufeffwith a mark']) {
    const content = contentOf(Buffer.from(text))
    expect(content).toEqual({ kind: 'text', text, isUtf8: true })
  }
})

it('a text in UTF-16 is shown, and not offered to be written back', () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('hello', 'utf16le')])
  expect(contentOf(bytes)).toEqual({ kind: 'text', text: 'hello', isUtf8: false })
})

it('what is no text and no image, or too long a text, is said to be so', () => {
  expect(contentOf(Buffer.from([0, 1, 2, 3]))).toEqual({ kind: 'other', reason: 'binary' })
  expect(contentOf(Buffer.from([0xc3, 0x28]))).toEqual({ kind: 'other', reason: 'binary' })
  expect(contentOf(Buffer.from([0x80, 0x61]))).toEqual({ kind: 'other', reason: 'binary' })
  expect(contentOf(Buffer.alloc(largestTextBytes + 1, 'a'))).toEqual({ kind: 'other', reason: 'too-large' })
  expect(contentOf(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))).toMatchObject({ kind: 'image', mime: 'image/png' })
})
