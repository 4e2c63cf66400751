/** Bodies that break off, fall silent or carry a wrong byte. */
import type { Fault } from './faults.ts'

const codes: Readonly<Record<number, string>> = {
  400: 'RequestTimeout',
  403: 'AccessDenied',
  404: 'NoSuchBucket',
  409: 'OperationAborted',
  412: 'PreconditionFailed',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'SlowDown',
}

export function errorBody(status: number): Buffer {
  const code = codes[status] ?? (status >= 500 ? 'ServiceUnavailable' : 'InvalidRequest')
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>By the fault proxy.</Message></Error>`,
  )
}

/** Throws after so many bytes. */
export async function* cutAfter(body: AsyncIterable<unknown>, afterBytes: number): AsyncGenerator<Buffer> {
  let left = afterBytes
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (piece.length >= left) {
      yield piece.subarray(0, left)
      throw new Error('cut on purpose')
    }
    left -= piece.length
    yield piece
  }
}

export type AnswerPiece = { piece: Buffer; then: 'more' | 'end' | 'silence' }

/** The answer's body with what the fault does to it; the last piece says how it breaks off, if it does. */
export async function* answerBody(body: AsyncIterable<unknown>, fault: Fault | undefined): AsyncGenerator<AnswerPiece> {
  let position = 0
  if (breakOf(fault, 0) !== undefined && limitOf(fault) === 0) {
    yield { piece: Buffer.alloc(0), then: breakOf(fault, 0) ?? 'more' }
    return
  }
  for await (const piece of body as AsyncIterable<Buffer>) {
    const end = position + piece.length
    const then = breakOf(fault, end)
    if (then !== undefined) {
      yield { piece: piece.subarray(0, limitOf(fault) - position), then }
      return
    }
    if (fault?.kind === 'corrupt' && position <= fault.atByte && fault.atByte < end) {
      const at = fault.atByte - position
      piece[at] = (piece[at] ?? 0) ^ 0xff
    }
    yield { piece, then: 'more' }
    position = end
  }
}

function limitOf(fault: Fault | undefined): number {
  return fault?.kind === 'cut' || fault?.kind === 'stall' ? fault.afterBytes : Infinity
}

/** How the body breaks off at or before this byte; undefined while it does not. */
function breakOf(fault: Fault | undefined, end: number): 'end' | 'silence' | undefined {
  if (end < limitOf(fault)) return undefined
  return fault?.kind === 'stall' ? 'silence' : 'end'
}
