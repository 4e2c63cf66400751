/**
 * Decodes `aws-chunked` bodies: chunks of `<hex size>[;chunk-signature=<hex>]CRLF data CRLF`, a last one of size 0, and
 * perhaps trailing headers. Data comes out as views of what went in, uncopied. With a seed, no chunk's last byte is
 * handed out unless the chunk's signature held, and each signature covers the one before.
 */
import { createHash, type Hash } from 'node:crypto'
import { chunkSignature, sameSignature, trailerSignature, type ChunkSeed } from '../auth/signature.ts'
import { s3Error } from '../errors.ts'

const MAX_LINE_BYTES = 4096
const MAX_TRAILER_BYTES = 16_384

type State = 'size-line' | 'data' | 'data-end' | 'trailer'

export class AwsChunkedDecoder {
  readonly #seed: ChunkSeed | undefined
  readonly #hasTrailer: boolean
  #state: State = 'size-line'
  /** A line, or the trailer, as far as it has arrived. */
  #text = ''
  #remaining = 0
  #hash: Hash | undefined
  #claimedSignature = ''
  #previousSignature: string

  constructor(options: { seed?: ChunkSeed | undefined; hasTrailer: boolean }) {
    this.#seed = options.seed
    this.#hasTrailer = options.hasTrailer
    this.#previousSignature = options.seed?.signature ?? ''
  }

  /** The data in the next piece of the body. */
  *push(input: Buffer): Generator<Buffer> {
    let offset = 0
    while (offset < input.length) {
      if (this.#state === 'data') {
        const data = input.subarray(offset, offset + this.#remaining)
        offset += data.length
        this.#takeData(data)
        yield data
      } else if (this.#state === 'trailer') {
        this.#text += input.toString('latin1', offset)
        if (this.#text.length > MAX_TRAILER_BYTES) throw malformed('The trailer is too long.')
        offset = input.length
      } else {
        offset = this.#takeLine(input, offset)
      }
    }
  }

  /** To be called when the body has ended; the trailing headers, names in lower case. */
  finish(): Map<string, string> {
    if (this.#state !== 'trailer') throw s3Error('IncompleteBody')
    const trailers = new Map<string, string>()
    for (const line of this.#text.split(/[\r\n]+/).filter((text) => text !== '')) {
      const colon = line.indexOf(':')
      if (colon < 1) throw malformed('A trailing header has no name.')
      trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    }
    if (this.#seed && this.#hasTrailer) this.#checkTrailer(this.#seed, trailers)
    trailers.delete('x-amz-trailer-signature')
    return trailers
  }

  #takeLine(input: Buffer, offset: number): number {
    const end = input.indexOf(10, offset)
    this.#text += input.toString('latin1', offset, end < 0 ? input.length : end)
    if (this.#text.length > MAX_LINE_BYTES) throw malformed('A chunk header is too long.')
    if (end < 0) return input.length
    if (!this.#text.endsWith('\r')) throw malformed('A chunk header does not end in CRLF.')
    const line = this.#text.slice(0, -1)
    this.#text = ''
    if (this.#state === 'data-end') {
      if (line !== '') throw malformed('A chunk is longer than its header says.')
      this.#state = 'size-line'
    } else {
      this.#startChunk(line)
    }
    return end + 1
  }

  #startChunk(line: string): void {
    const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line)
    const [, size, signature] = match ?? []
    if (size === undefined) throw malformed('A chunk header is not valid.')
    if (this.#seed && signature === undefined) throw malformed('A chunk has no signature.')
    this.#remaining = parseInt(size, 16)
    this.#claimedSignature = signature ?? ''
    if (this.#seed) this.#hash = createHash('sha256')
    if (this.#remaining > 0) {
      this.#state = 'data'
    } else {
      this.#endChunk()
      this.#state = 'trailer'
    }
  }

  #takeData(data: Buffer): void {
    this.#hash?.update(data)
    this.#remaining -= data.length
    if (this.#remaining > 0) return
    this.#endChunk()
    this.#state = 'data-end'
  }

  #endChunk(): void {
    if (!this.#seed || !this.#hash) return
    const expected = chunkSignature(this.#seed, this.#previousSignature, this.#hash.digest('hex'))
    if (!sameSignature(expected, this.#claimedSignature)) throw s3Error('SignatureDoesNotMatch')
    this.#previousSignature = expected
  }

  #checkTrailer(seed: ChunkSeed, trailers: Map<string, string>): void {
    const signed = [...trailers].filter(([name]) => name !== 'x-amz-trailer-signature')
    const canonical = signed.map(([name, value]) => `${name}:${value}\n`).join('')
    const expected = trailerSignature(
      seed,
      this.#previousSignature,
      createHash('sha256').update(canonical).digest('hex'),
    )
    if (!sameSignature(expected, trailers.get('x-amz-trailer-signature') ?? '')) throw s3Error('SignatureDoesNotMatch')
  }
}

function malformed(message: string) {
  return s3Error('InvalidRequest', { message })
}
