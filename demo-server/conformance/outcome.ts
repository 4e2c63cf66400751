/** A call's result as a short text, so that tables of expectations can be written down and compared. */
import { S3ServiceException } from '@aws-sdk/client-s3'

/** `ok`, or status and code: `412 PreconditionFailed`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error
    const status = error.$metadata.httpStatusCode ?? 0
    // Answers without a body (HEAD, 304) have no code of their own.
    const isBare = ['NotFound', 'Unknown', 'UnknownError', 'NotModified', String(status)].includes(error.name)
    return isBare ? String(status) : `${status} ${error.name}`
  }
}

export async function bytesOf(body: { transformToByteArray(): Promise<Uint8Array> } | undefined): Promise<Buffer> {
  return Buffer.from((await body?.transformToByteArray()) ?? new Uint8Array())
}

export async function textOf(body: { transformToByteArray(): Promise<Uint8Array> } | undefined): Promise<string> {
  return (await bytesOf(body)).toString('utf8')
}

/** Without its quotes: Ceph leaves them out of some answers. */
export function bareETag(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '')
}

export function quotesOf(etag: string | undefined): 'quoted' | 'bare' | 'empty' {
  if (!etag) return 'empty'
  return /^".*"$/.test(etag) ? 'quoted' : 'bare'
}
