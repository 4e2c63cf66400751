/**
 * Text in HTTP headers. A metadata value may be any text; a header may not. Values that are not plain printable ASCII travel
 * as RFC 2047 encoded words (`=?UTF-8?B?…?=`), which is what Amazon S3 itself makes of them, so that a reader that knows the
 * convention decodes them and one that does not (s3fs, rclone) passes them on unharmed.
 */

/** Runs of spaces and spaces at the ends do not survive HTTP, and would break the signature. */
const isPlain = (value: string): boolean =>
  /^[\x20-\x7E]*$/.test(value) && !/^ | $| {2}/.test(value) && !/=\?.+\?=/.test(value)

export function encodeHeaderText(value: string): string {
  return isPlain(value) ? value : `=?UTF-8?B?${Buffer.from(value, 'utf8').toString('base64')}?=`
}

/** Decodes encoded words, and the raw UTF-8 that some servers send back (Node hands it over as Latin-1). */
export function decodeHeaderText(value: string): string {
  const words = /=\?(utf-8|us-ascii|iso-8859-1)\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi
  if (words.test(value))
    return value.replace(words, (_, charset: string, form: string, text: string) => {
      const bytes = form.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : bytesOfQ(text)
      return bytes.toString(charset.toLowerCase() === 'iso-8859-1' ? 'latin1' : 'utf8')
    })
  if (!/[\x80-\xFF]/.test(value) || /[^\0-\xFF]/.test(value)) return value
  const decoded = Buffer.from(value, 'latin1').toString('utf8')
  return decoded.includes('\uFFFD') ? value : decoded
}

function bytesOfQ(text: string): Buffer {
  const latin1 = text
    .replace(/_/g, ' ')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(latin1, 'latin1')
}

/** Keys in a listing asked for with `encoding-type=url`: `+` is a space, as in a form; what is no UTF-8 stays as it came. */
export function decodeListedKey(text: string): string {
  const spaced = text.replace(/\+/g, ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/** Always with its quotes and never weak: listings, heads and copies of one server differ in how they write one ETag. */
export function normalizeETag(etag: string): string {
  const strong = etag.replace(/^W\//, '')
  return strong.startsWith('"') ? strong : `"${strong}"`
}
