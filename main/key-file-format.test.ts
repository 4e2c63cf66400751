import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decrypt, deriveKey, encrypt, opens, parseKeyFile, scryptCost, type KeyFileContent } from './key-file-format.ts'

type Vector = { passphrase: string; entries: Record<string, string>; file: KeyFileContent }

/** Made by Python's `cryptography`, from the description in docs/decisions/0024-key-file.md alone. */
const vectors = JSON.parse(
  readFileSync(new URL('./testing/key-file-vectors.json', import.meta.url), 'utf8'),
) as Vector[]
const [first] = vectors as [Vector]
const cheap = first.file.kdf

describe('the key file', () => {
  it.each(vectors)('written by another implementation is read: $passphrase', async ({ passphrase, entries, file }) => {
    const content = parseKeyFile(JSON.stringify(file))
    if (!content) throw new Error('not parsed')
    const key = await deriveKey(passphrase, content.kdf)
    expect(opens(key, content)).toBe(true)
    expect(decrypt(key, content)).toEqual(new Map(Object.entries(entries)))
  })

  it('is the same for a passphrase typed composed or decomposed', async () => {
    const file = vectors[1]?.file
    if (!file) throw new Error('no vector')
    expect(opens(await deriveKey('gru\u0308n €', file.kdf), file)).toBe(true)
  })

  it('comes back as it was written, with another nonce each time and nothing readable in it', async () => {
    const key = await deriveKey('a good passphrase', cheap)
    const entries = new Map([['account:1', 'very-s3cret']])
    const [one, two] = [encrypt(key, entries), encrypt(key, entries)].map((text) => {
      expect(text).not.toMatch(/s3cret|account:1|passphrase"/)
      return parseKeyFile(text)
    })
    if (!one || !two) throw new Error('not parsed')
    expect(one.cipher.nonce).not.toBe(two.cipher.nonce)
    expect([decrypt(key, one), decrypt(key, two)]).toEqual([entries, entries])
  })

  it('a new one has its own salt and the cost it promises', async () => {
    const [one, two] = await Promise.all([deriveKey('a good passphrase'), deriveKey('a good passphrase')])
    expect(one.kdf).toMatchObject(scryptCost)
    expect(one.kdf.salt).not.toBe(two.kdf.salt)
    expect(one.key.equals(two.key)).toBe(false)
  })

  it('does not open with another passphrase', async () => {
    expect(opens(await deriveKey('correct horse batterx', cheap), first.file)).toBe(false)
  })

  it('damaged at any byte is not taken for a key file', () => {
    const text = JSON.stringify(first.file)
    for (let at = 0; at < text.length; at++) {
      const damaged = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      expect(parseKeyFile(damaged), `damaged at ${at}`).toBeUndefined()
    }
    expect(parseKeyFile(text.slice(0, -1))).toBeUndefined()
    expect(parseKeyFile('')).toBeUndefined()
  })

  it.each([
    ['a cost that would take all memory', { N: 2 ** 30 }],
    ['a cost that protects nothing', { N: 2 }],
    ['a cost that is no power of two', { N: 20_000 }],
    ['a short salt', { salt: 'AAAA' }],
  ])('with %s is refused before anything is computed', (_, change) => {
    expect(parseKeyFile(resealed({ ...first.file, kdf: { ...cheap, ...change } }))).toBeUndefined()
  })

  it.each(['data', 'tag', 'nonce'] as const)(
    'with another %s and a fitting checksum is not decrypted',
    async (part) => {
      const flip = (text: string) => {
        const bytes = Buffer.from(text, 'base64')
        bytes[0] = (bytes[0] ?? 0) ^ 1
        return bytes.toString('base64')
      }
      const { data, cipher } = first.file
      const content = parseKeyFile(
        resealed(
          part === 'data'
            ? { ...first.file, data: flip(data) }
            : { ...first.file, cipher: { ...cipher, [part]: flip(cipher[part]) } },
        ),
      )
      if (!content) throw new Error('not parsed')
      const key = await deriveKey(first.passphrase, content.kdf)
      expect(opens(key, content)).toBe(true)
      expect(decrypt(key, content)).toBeUndefined()
    },
  )
})

/** What somebody who knows the format would write. */
function resealed(content: KeyFileContent): string {
  const { kdf, cipher, check, data } = content
  const head = ['CloudMount keys', 1, 'scrypt', kdf.N, kdf.r, kdf.p, kdf.salt]
  const sealed = [...head, 'aes-256-gcm', cipher.nonce, cipher.tag, check, data].join('\n')
  return JSON.stringify({ ...content, sha256: createHash('sha256').update(sealed).digest('hex') })
}
