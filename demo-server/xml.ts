/**
 * The little XML that S3 speaks: elements and text, no attributes that matter. Writing escapes whatever a key may hold,
 * so that a parser gives back the same key; reading is strict enough to answer MalformedXML to what is not a document.
 */
import { s3Error } from './errors.ts'

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** CR and LF as references, because parsers normalise line ends; other controls as AWS does, though XML 1.0 forbids them. */
export function escapeXml(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[&<>"\u0000-\u001f\ufffe\uffff]/g, (character) => {
    const named = ESCAPES[character]
    if (named !== undefined) return named
    if (character === '\t') return character
    return character === '\n' ? '&#10;' : `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`
  })
}

export function element(name: string, text: string | number | boolean | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXml(String(text))}</${name}>`
}

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

export function xmlDocument(root: string, inner: string, withNamespace = true): string {
  const namespace = withNamespace ? ` xmlns="${S3_NAMESPACE}"` : ''
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${inner}</${root}>`
}

export type XmlElement = { name: string; text: string; children: XmlElement[] }

const TOKEN = /<\?[^]*?\?>|<!--[^]*?-->|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/y

/** What XML 1.0 has no place for, not even as a reference. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', text: '', children: [] }
  const open: XmlElement[] = [root]
  if (FORBIDDEN.test(source)) throw s3Error('MalformedXML')
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source)
    if (!match) throw s3Error('MalformedXML')
    const [, closing, opening, , selfClosing, text] = match
    const parent = open[open.length - 1] ?? root
    if (opening !== undefined) {
      const child: XmlElement = { name: localName(opening), text: '', children: [] }
      parent.children.push(child)
      if (selfClosing !== '/') open.push(child)
    } else if (closing !== undefined) {
      if (open.length < 2 || parent.name !== localName(closing)) throw s3Error('MalformedXML')
      open.pop()
    } else if (text !== undefined) {
      parent.text += unescapeXml(text)
    }
  }
  const document = root.children[0]
  if (open.length !== 1 || root.children.length !== 1 || document === undefined) throw s3Error('MalformedXML')
  return document
}

export function childrenNamed(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name)
}

export function childText(parent: XmlElement, name: string): string | undefined {
  return parent.children.find((child) => child.name === name)?.text
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (_, reference: string) => {
    const named = ENTITIES[reference]
    if (named !== undefined) return named
    if (!reference.startsWith('#')) throw s3Error('MalformedXML')
    const code =
      reference[1] === 'x' || reference[1] === 'X' ? parseInt(reference.slice(2), 16) : Number(reference.slice(1))
    if (code > 0x10ffff || FORBIDDEN.test(String.fromCodePoint(code))) throw s3Error('MalformedXML')
    return String.fromCodePoint(code)
  })
}
