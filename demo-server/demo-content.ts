/**
 * What the demo's bucket holds: documents, pictures, source code, names with spaces and accents, and one large file. All
 * made here, the same on every machine, so that tests can compare bytes. The large file is streamed, never held.
 */
import { createCipheriv } from 'node:crypto'
import * as documents from './content/documents.ts'
import { julia, lighthouse, mandelbrot, sunrise } from './content/pictures.ts'
import { SOURCE_FILES } from './content/source-code.ts'
import { storeObject } from './storage/store-object.ts'
import type { Storage } from './storage/storage.ts'
import { newBucketSettings } from './operations/buckets.ts'

export const DEMO_BUCKET = 'demo'
export const LARGE_KEY = 'Large/Random 200 MB.bin'
export const LARGE_BYTES = 200_000_000

const PIECE_BYTES = 1024 * 1024

const TYPES: Record<string, string> = {
  md: 'text/markdown; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
}

/** By key; functions where making it takes a moment. */
const FILES: Record<string, string | (() => string | Buffer)> = {
  'Welcome.md': documents.WELCOME,
  'Documents/Meeting notes.txt': documents.MEETING_NOTES,
  'Documents/Budget 2026.csv': documents.BUDGET,
  'Documents/Tide table 2025.csv': documents.tideTable,
  'Documents/Quarterly report.pdf': documents.quarterlyReport,
  'Documents/Résumé – Zoë Müller.md': documents.RESUME,
  'Documents/潮汐メモ.txt': documents.JAPANESE_NOTE,
  'Pictures/Sunrise at pier 4.png': sunrise,
  'Pictures/Lighthouse.svg': lighthouse,
  'Pictures/Fractals/Mandelbrot.png': mandelbrot,
  'Pictures/Fractals/Julia.png': julia,
}

export type DemoContentOptions = {
  bucket?: string
  /** 0 leaves the large file out. */
  largeBytes?: number
}

/** What is there already is left alone, so that a demo in a folder keeps what was changed in it. Answers the keys written. */
export async function fillDemoBucket(
  target: { storage: Storage } | Storage,
  options: DemoContentOptions = {},
): Promise<string[]> {
  const storage = 'storage' in target ? target.storage : target
  const bucketName = options.bucket ?? DEMO_BUCKET
  const largeBytes = options.largeBytes ?? LARGE_BYTES
  if (!storage.buckets.has(bucketName)) await storage.createBucket(bucketName, newBucketSettings(Date.now(), {}))
  const bucket = storage.bucket(bucketName)
  if (!bucket.isEmpty) return []

  const files = { ...FILES, ...sourceFiles() }
  for (const [key, content] of Object.entries(files)) {
    const body = Buffer.from(typeof content === 'function' ? content() : content)
    await storeObject(storage, bucketName, key, body, { contentType: typeOf(key) })
  }
  if (largeBytes === 0) return Object.keys(files)
  await storeObject(storage, bucketName, LARGE_KEY, noise(largeBytes), { contentType: 'application/octet-stream' })
  return [...Object.keys(files), LARGE_KEY]
}

function sourceFiles(): Record<string, string> {
  return Object.fromEntries(Object.entries(SOURCE_FILES).map(([path, text]) => [`Projects/tidepool/${path}`, text]))
}

function typeOf(key: string): string {
  return TYPES[key.slice(key.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8'
}

/** Looks random, so nothing can compress it away, and is the same every time: a cipher's key stream. */
export async function* noise(sizeBytes: number): AsyncGenerator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
  const zeros = Buffer.alloc(PIECE_BYTES)
  for (let left = sizeBytes; left > 0; left -= PIECE_BYTES) {
    yield cipher.update(zeros.subarray(0, Math.min(left, PIECE_BYTES)))
    // Lets the server answer in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
}
