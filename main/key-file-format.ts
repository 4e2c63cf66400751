/**
 * The bytes of the key file: JSON whose `data` is AES-256-GCM over a JSON map from name to password. scrypt makes 64 bytes of
 * the passphrase: 32 are the key, 32 are stored as `check`, by which a wrong passphrase is told from a damaged file.
 * `sha256` is over all other fields, a line each, and finds damage before a passphrase is asked for. Format and cost are
 * authenticated with the data. docs/decisions/0024-key-file.md says why these and not others.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

export const format = 'CloudMount keys'

/** 128 MiB and about 0.4 s a guess on a laptop of 2020: OWASP's first choice for scrypt. */
export const scryptCost = { N: 2 ** 17, r: 8, p: 1 } as const
/** Room for raising the cost later, and none for a file that would take all memory. */
const mostScryptBytes = 1024 * 1024 * 1024

const keyBytes = 32
const saltBytes = 32
const nonceBytes = 12
const tagBytes = 16

const base64 = (length?: number) =>
  z
    .base64()
    .max(16 * 1024 * 1024)
    .refine((text) => length === undefined || Buffer.from(text, 'base64').length === length)

const keyFileSchema = z.object({
  format: z.literal(format),
  version: z.literal(1),
  kdf: z
    .object({
      name: z.literal('scrypt'),
      N: z
        .number()
        .int()
        .min(2 ** 14)
        .refine((n) => Number.isInteger(Math.log2(n))),
      r: z.number().int().min(8).max(64),
      p: z.number().int().min(1).max(16),
      salt: base64(saltBytes),
    })
    .refine(({ N, r }) => 128 * N * r <= mostScryptBytes),
  cipher: z.object({ name: z.literal('aes-256-gcm'), nonce: base64(nonceBytes), tag: base64(tagBytes) }),
  check: base64(keyBytes),
  data: base64(),
  sha256: z.string(),
})
export type KeyFileContent = z.infer<typeof keyFileSchema>

/** What a passphrase was made into for one file; kept in memory instead of the passphrase. */
export type DerivedKey = { kdf: KeyFileContent['kdf']; key: Buffer; check: Buffer }

export type Entries = ReadonlyMap<string, string>

/** Undefined: not a whole key file. */
export function parseKeyFile(text: string): KeyFileContent | undefined {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return undefined
  }
  const content = keyFileSchema.safeParse(raw).data
  return content && content.sha256 === digestOf(content) ? content : undefined
}

export function deriveKey(passphrase: string, kdf: KeyFileContent['kdf'] = freshKdf()): Promise<DerivedKey> {
  const { N, r, p } = kdf
  // The same characters may be typed composed on one computer and decomposed on another.
  const password = Buffer.from(passphrase.normalize('NFC'), 'utf8')
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1024 * 1024 }
    scrypt(password, Buffer.from(kdf.salt, 'base64'), 2 * keyBytes, options, (error, bytes) => {
      if (error) reject(error)
      else resolve({ kdf, key: bytes.subarray(0, keyBytes), check: bytes.subarray(keyBytes) })
    })
  })
}

function freshKdf(): KeyFileContent['kdf'] {
  return { name: 'scrypt', ...scryptCost, salt: randomBytes(saltBytes).toString('base64') }
}

/** Whether this key was made of the file's passphrase. */
export function opens({ check }: DerivedKey, content: KeyFileContent): boolean {
  return timingSafeEqual(check, Buffer.from(content.check, 'base64'))
}

/** With a key that `opens` the file; undefined when what it holds was changed by something else. */
export function decrypt({ key }: DerivedKey, content: KeyFileContent): Map<string, string> | undefined {
  const { cipher, data } = content
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(cipher.nonce, 'base64'))
  decipher.setAAD(authenticated(content))
  decipher.setAuthTag(Buffer.from(cipher.tag, 'base64'))
  try {
    const text = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8')
    return new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(text))))
  } catch {
    return undefined
  }
}

export function encrypt({ kdf, key, check }: DerivedKey, entries: Entries): string {
  const nonce = randomBytes(nonceBytes)
  const head = { format, version: 1, kdf } as const
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(authenticated(head))
  const data = Buffer.concat([cipher.update(JSON.stringify(Object.fromEntries(entries)), 'utf8'), cipher.final()])
  const content = {
    ...head,
    cipher: {
      name: 'aes-256-gcm',
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
    },
    check: check.toString('base64'),
    data: data.toString('base64'),
  } as const
  return `${JSON.stringify({ ...content, sha256: digestOf(content) }, undefined, 2)}\n`
}

function authenticated({ kdf }: Pick<KeyFileContent, 'kdf'>): Buffer {
  return Buffer.from([format, 1, kdf.name, kdf.N, kdf.r, kdf.p, kdf.salt].join('\n'), 'utf8')
}

function digestOf({ kdf, cipher, check, data }: Omit<KeyFileContent, 'sha256'>): string {
  const fields = [authenticated({ kdf }).toString('utf8'), cipher.name, cipher.nonce, cipher.tag, check, data]
  return createHash('sha256').update(fields.join('\n'), 'utf8').digest('hex')
}
