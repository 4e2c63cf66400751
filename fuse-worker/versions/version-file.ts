/**
 * One version of an object as a file of this computer. Written beside its place and put there in one step once it is whole,
 * so that whatever has the name is never half of anything.
 */
import { randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { syncDirectory } from '../runtime/sync-directory.ts'
import { StoreError, type ObjectHead, type ObjectStore } from '../s3/store.ts'
import { attributesFromMetadata } from '../s3/user-metadata.ts'

export type VersionFile = {
  key: string
  versionId: string
  /** A whole path; whatever is there is replaced. */
  target: string
  mode: number
  signal: AbortSignal
  onHead?: (head: ObjectHead) => void
  onProgress?: (writtenBytes: number) => void
}

const longestName = 255

/** Throws StoreError, and ProblemError for what the file system of this computer refuses. */
export async function writeVersionFile(store: ObjectStore, asked: VersionFile): Promise<ObjectHead> {
  const { key, versionId, target, mode, signal } = asked
  const { head, body } = await store.get(key, { versionId }, { signal })
  asked.onHead?.(head)
  const making = unfinishedName(target)
  try {
    const file = await open(making, 'wx', 0o600)
    try {
      await copyBody(file, body, asked.onProgress)
      const modifiedAt = new Date(attributesFromMetadata(head).mtimeMs ?? head.lastModifiedMs)
      await file.utimes(modifiedAt, modifiedAt)
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(making, target)
    syncDirectory(dirname(target))
    return head
  } catch (error) {
    await rm(making, { force: true }).catch(() => undefined)
    throw error instanceof StoreError ? error : localProblem(error, target)
  }
}

async function copyBody(
  file: FileHandle,
  body: AsyncIterable<Uint8Array>,
  onProgress: ((writtenBytes: number) => void) | undefined,
): Promise<void> {
  let written = 0
  for await (const piece of body) {
    await file.writeFile(piece)
    written += piece.byteLength
    onProgress?.(written)
  }
}

/** Beside the target, so that it can take its place. */
function unfinishedName(target: string): string {
  const suffix = `.${randomBytes(4).toString('hex')}.part`
  const characters = Array.from(basename(target))
  while (Buffer.byteLength(characters.join('') + suffix) > longestName) characters.pop()
  return join(dirname(target), characters.join('') + suffix)
}

function localProblem(error: unknown, target: string): unknown {
  const errno = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (errno === undefined) return error
  const consequence = t('worker.save.consequence')
  const isFull = errno === 'ENOSPC' || errno === 'EDQUOT'
  return new ProblemError(
    isFull
      ? {
          ...{ code: 'disk-full', message: t('worker.save-no-room', { target }), consequence, detail: errno },
          remedy: t('worker.save-no-room.remedy'),
        }
      : {
          ...{ code: 'invalid-input', message: t('worker.save-refused', { target }), consequence, detail: errno },
          remedy: t('worker.save-refused.remedy'),
        },
    { cause: error },
  )
}
