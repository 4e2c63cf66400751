/**
 * Takes in a request's body: decodes it, hashes it, and checks everything that was claimed of it before anyone may use it.
 * Streams; a body is held in memory only by a memory store.
 */
import { createHash } from 'node:crypto'
import { s3Error } from '../errors.ts'
import { header, type Exchange } from '../exchange.ts'
import { MAX_XML_BYTES } from '../limits.ts'
import { contentOf, type Content } from '../storage/blobs.ts'
import { AwsChunkedDecoder } from './aws-chunked.ts'
import {
  checkedForm,
  checksumHeader,
  createDigest,
  readChecksumClaim,
  type ChecksumAlgorithm,
  type ChecksumClaim,
  type Digest,
} from './checksums.ts'

export type ReceivedContent = {
  content: Content
  sizeBytes: number
  /** Hex. */
  md5: string
  checksum: { algorithm: ChecksumAlgorithm; value: string } | undefined
}

/** Whoever gets the content owns it and must release it. `wantedChecksum` is computed also where none is claimed. */
export async function receiveContent(
  exchange: Exchange,
  maxBytes: number,
  wantedChecksum?: ChecksumAlgorithm,
): Promise<ReceivedContent> {
  const sizeBytes = declaredSize(exchange)
  if (sizeBytes > maxBytes) {
    throw s3Error('EntityTooLarge', { fields: { ProposedSize: String(sizeBytes), MaxSizeAllowed: String(maxBytes) } })
  }
  const { blobs } = exchange.server.storage
  if (blobs.usedBytes + sizeBytes > exchange.server.settings.quotaBytes) throw s3Error('QuotaExceeded')
  const verifier = new BodyVerifier(exchange, wantedChecksum)
  const writer = await blobs.writer(sizeBytes)
  try {
    for await (const piece of bodyPieces(exchange, sizeBytes, verifier)) {
      const written = writer.write(piece)
      if (written) await written
    }
    const { md5, checksum } = verifier.finish()
    const blob = await writer.finish()
    blob.md5 = md5
    const content = contentOf(blob)
    if (content.length === 0) blob.release()
    return { content, sizeBytes, md5, checksum }
  } catch (error) {
    await writer.discard()
    throw error
  }
}

/** A request document; small by nature. */
export async function receiveDocument(exchange: Exchange): Promise<string> {
  const sizeBytes = declaredSize(exchange)
  if (sizeBytes > MAX_XML_BYTES) throw s3Error('MalformedXML')
  const verifier = new BodyVerifier(exchange, undefined)
  const pieces: Buffer[] = []
  for await (const piece of bodyPieces(exchange, sizeBytes, verifier)) pieces.push(piece)
  verifier.finish()
  return Buffer.concat(pieces).toString('utf8')
}

/** Of the content, without what aws-chunked adds. */
function declaredSize(exchange: Exchange): number {
  const { payload } = exchange.caller
  if (payload.kind === 'chunked' && payload.hasTrailer && exchange.server.settings.quirks.noTrailers === true) {
    throw s3Error('MissingContentLength')
  }
  const text = header(exchange, payload.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length')
  if (text === undefined || !/^\d+$/.test(text)) throw s3Error('MissingContentLength')
  return Number(text)
}

async function* bodyPieces(exchange: Exchange, sizeBytes: number, verifier: BodyVerifier): AsyncGenerator<Buffer> {
  const { payload } = exchange.caller
  const decoder = payload.kind === 'chunked' ? new AwsChunkedDecoder(payload) : undefined
  if (exchange.awaitsContinue) {
    exchange.awaitsContinue = false
    exchange.response.writeContinue()
  }
  for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
    for (const piece of decoder ? decoder.push(chunk) : [chunk]) {
      exchange.receivedBytes += piece.length
      if (exchange.receivedBytes > sizeBytes) throw s3Error('IncompleteBody')
      verifier.update(piece)
      yield piece
    }
  }
  verifier.takeTrailers(decoder?.finish() ?? new Map())
  if (exchange.receivedBytes !== sizeBytes) throw s3Error('IncompleteBody')
}

class BodyVerifier {
  readonly #md5 = createHash('md5')
  readonly #claimedMd5: string | undefined
  readonly #sha256: Digest | undefined
  readonly #claimedSha256: string | undefined
  readonly #claim: ChecksumClaim | undefined
  readonly #algorithm: ChecksumAlgorithm | undefined
  readonly #checksum: Digest | undefined
  #trailers: ReadonlyMap<string, string> = new Map()

  constructor(exchange: Exchange, wanted: ChecksumAlgorithm | undefined) {
    const { payload } = exchange.caller
    const areIgnored = exchange.server.settings.quirks.noChecksums === true
    this.#claimedMd5 = claimedMd5(header(exchange, 'content-md5'))
    this.#claimedSha256 = payload.kind === 'sha256' ? payload.hex : undefined
    this.#claim = areIgnored ? undefined : readChecksumClaim((name) => header(exchange, name))
    this.#algorithm = areIgnored ? undefined : (this.#claim?.algorithm ?? wanted)
    if (wanted !== undefined && this.#algorithm !== undefined && this.#algorithm !== wanted) {
      throw s3Error('InvalidRequest', {
        message: `Checksum Type mismatch occurred, expected checksum Type: ${wanted.toLowerCase()}, actual checksum Type: ${this.#algorithm.toLowerCase()}`,
      })
    }
    this.#sha256 = payload.kind === 'sha256' ? createDigest('SHA256') : undefined
    this.#checksum = this.#algorithm === undefined ? undefined : createDigest(this.#algorithm)
  }

  update(piece: Buffer): void {
    this.#md5.update(piece)
    this.#sha256?.update(piece)
    this.#checksum?.update(piece)
  }

  takeTrailers(trailers: ReadonlyMap<string, string>): void {
    this.#trailers = trailers
  }

  finish(): Pick<ReceivedContent, 'md5' | 'checksum'> {
    const sha256 = this.#sha256?.digest().toString('hex')
    if (this.#claimedSha256 !== undefined && sha256 !== this.#claimedSha256) {
      throw s3Error('XAmzContentSHA256Mismatch', {
        fields: { ClientComputedContentSHA256: this.#claimedSha256, S3ComputedContentSHA256: sha256 ?? '' },
      })
    }
    const md5 = this.#md5.digest('hex')
    if (this.#claimedMd5 !== undefined && this.#claimedMd5 !== md5) throw s3Error('BadDigest')
    return { md5, checksum: this.#finishChecksum() }
  }

  #finishChecksum(): ReceivedContent['checksum'] {
    if (!this.#algorithm || !this.#checksum) return undefined
    const value = this.#checksum.digest().toString('base64')
    if (!this.#claim) return { algorithm: this.#algorithm, value }
    const claimed = this.#claim.value ?? this.#trailers.get(checksumHeader(this.#algorithm))
    if (claimed === undefined)
      throw s3Error('InvalidRequest', { message: 'The trailer that x-amz-trailer announced is missing.' })
    if (checkedForm(this.#algorithm, claimed) !== value) {
      throw s3Error('BadDigest', {
        message: `The ${this.#algorithm} you specified did not match the calculated checksum.`,
      })
    }
    return { algorithm: this.#algorithm, value }
  }
}

/** As hex. */
function claimedMd5(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== 16 || bytes.toString('base64') !== text) throw s3Error('InvalidDigest')
  return bytes.toString('hex')
}
