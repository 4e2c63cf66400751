/** What the calls of one bucket share: how an attempt is described, and what its failure is told apart by. */
import { t } from '../../language/language.ts'
import type { SdkClient, Attempt } from './sdk-client.ts'
import type { ETagForm } from './sdk-shapes.ts'
import type { ErrorContext } from './store-errors.ts'
import { StoreError } from './store.ts'
import type { CallOptions } from './store.ts'

export type BucketCalls = {
  sdk: SdkClient
  bucket: string
  form: ETagForm
  attempt: (
    operation: string,
    access: ErrorContext['access'],
    key: string | undefined,
    call: CallOptions | undefined,
    idleMs?: number,
  ) => Attempt
}

/** One server-side step may be silent while the server works; still well under a minute. */
export const serverWorkIdleMs = 40_000

export function callsOf(sdk: SdkClient, bucket: string, form: ETagForm): BucketCalls {
  return {
    sdk,
    bucket,
    form,
    attempt: (operation, access, key, call, idleMs) => ({
      operation,
      access,
      bucket,
      key,
      signal: call?.signal,
      isOnFreshSocket: call?.isOnFreshSocket,
      onHeard: call?.onHeard,
      ...(idleMs === undefined ? {} : { idleMs }),
    }),
  }
}

export const preconditionFailed = (): Error =>
  Object.assign(new Error('the answer is of another version'), { name: 'PreconditionFailed' })

const s3CodeOf = (error: unknown): string | undefined => {
  const cause = error instanceof StoreError ? error.cause : undefined
  return cause instanceof Error ? cause.name : undefined
}
export const isInvalidRange = (error: unknown): boolean => s3CodeOf(error) === 'InvalidRange'
export const isAbsence = (error: unknown): boolean => error instanceof StoreError && error.kind === 'absent'

/** A write on a base that is gone is a conflict like any other: the key is not at the version the caller said. */
export async function lostBase<T>(
  hasBase: boolean,
  place: { bucket: string; name: string },
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!hasBase || !isAbsence(error) || s3CodeOf(error) === 'NoSuchUpload') throw error
    const { problem } = error as StoreError
    const message = t('store.deleted-meanwhile', place)
    throw new StoreError('conflict', { ...problem, code: 'conflict', message }, { cause: error })
  }
}
