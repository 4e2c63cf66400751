/**
 * Stands in for the conditions an endpoint ignores: a HEAD just before the write refuses what the condition would have
 * refused, and a look just after it notices another writer who came between. Each capability that is honoured passes
 * through untouched. This narrows the window, it cannot close it: two writers within one round trip can still overwrite each
 * other, which is why the window of the application says so (`hasConditionalWrites`).
 *
 * A condition that is `refused` (the endpoint answers it with an error) is not sent; one that is `ignored` or `unknown` is sent
 * all the same, because it costs nothing and may be honoured after all.
 */
import type { Capabilities, Support } from '../../contracts/account.ts'
import { t } from '../../language/language.ts'
import { StoreError } from './store.ts'
import type { CallOptions, CopySource, ObjectStore, ObjectVersion, WriteCondition } from './store.ts'

export type GuardedCapabilities = Pick<
  Capabilities,
  'putIfNoneMatch' | 'putIfMatch' | 'completeIfNoneMatch' | 'completeIfMatch' | 'deleteIfMatch' | 'copySourceIfMatch'
>

/** How the target of a copy is guarded: no endpoint tried so far honours a condition there, so it is never trusted. */
const copyTarget: Support = 'ignored'

export function guardStore(store: ObjectStore, capabilities: GuardedCapabilities): ObjectStore {
  async function requireCondition(key: string, condition: WriteCondition, call?: CallOptions): Promise<void> {
    const head = await store.head(key, signalOf(call))
    if (condition.kind === 'absent' ? head !== undefined : head?.etag !== condition.etag) throw conflictAt(key)
  }

  /** The write succeeded with `version`; anything else there now was written by someone who did not know of ours. */
  async function requireOurs(key: string, version: ObjectVersion, call?: CallOptions): Promise<void> {
    const head = await store.head(key, signalOf(call))
    if (head?.etag !== version.etag) throw conflictAt(key)
  }

  async function guarded(
    key: string,
    condition: WriteCondition | undefined,
    support: { absent: Support; version: Support },
    call: CallOptions | undefined,
    write: (sent: WriteCondition | undefined) => Promise<ObjectVersion>,
  ): Promise<ObjectVersion> {
    if (condition === undefined || support[condition.kind] === 'honoured') return write(condition)
    await requireCondition(key, condition, call)
    const version = await write(support[condition.kind] === 'refused' ? undefined : condition)
    await requireOurs(key, version, call)
    return version
  }

  /** A version named by its id is what it is, whatever the key has now. */
  async function requireVersion({ key, etag, versionId }: CopySource, call?: CallOptions): Promise<void> {
    if (versionId !== undefined) return
    const head = await store.head(key, signalOf(call))
    if (head === undefined) throw absentAt(key)
    if (head.etag !== etag) throw conflictAt(key)
  }

  const { putIfNoneMatch, putIfMatch, completeIfNoneMatch, completeIfMatch } = capabilities
  const onPut = { absent: putIfNoneMatch, version: putIfMatch }
  const onComplete = { absent: completeIfNoneMatch, version: completeIfMatch }
  const onCopy = { absent: copyTarget, version: copyTarget }

  return {
    ...store,
    put: (key, body, attributes, condition, call) =>
      guarded(key, condition, onPut, call, (sent) => store.put(key, body, attributes, sent, call)),

    completeMultipartUpload: (key, uploadId, parts, condition, call) =>
      guarded(key, condition, onComplete, call, (sent) =>
        store.completeMultipartUpload(key, uploadId, parts, sent, call),
      ),

    async copy(source, targetKey, attributes, condition, call) {
      const isTrusted = capabilities.copySourceIfMatch === 'honoured'
      if (!isTrusted) await requireVersion(source, call)
      const copied = await guarded(targetKey, condition, onCopy, call, (sent) =>
        store.copy(source, targetKey, attributes, sent, call),
      )
      if (isTrusted || source.key === targetKey) return copied
      try {
        await requireVersion(source, call)
      } catch (error) {
        // What was copied may be the newer source. A target that was not there before is taken away again.
        if (condition?.kind === 'absent') await store.delete(targetKey, { ifMatch: copied.etag }).catch(() => undefined)
        throw error
      }
      return copied
    },

    async uploadPartCopy(key, uploadId, partNumber, source, call) {
      const part = await store.uploadPartCopy(key, uploadId, partNumber, source, call)
      // After, not before: what was copied can only be another version if the source is another one now.
      if (capabilities.copySourceIfMatch !== 'honoured') await requireVersion(source, call)
      return part
    },

    async delete(key, query, call) {
      if (query.ifMatch === undefined || capabilities.deleteIfMatch === 'honoured')
        return store.delete(key, query, call)
      const head = await store.head(key, signalOf(call))
      if (head === undefined) return
      if (head.etag !== query.ifMatch) throw conflictAt(key)
      return store.delete(key, capabilities.deleteIfMatch === 'refused' ? {} : query, call)
    },
  }
}

const signalOf = (call: CallOptions | undefined): CallOptions => (call?.signal ? { signal: call.signal } : {})

function conflictAt(key: string): StoreError {
  return new StoreError('conflict', {
    code: 'conflict',
    message: t('store.conflict', { of: 'key', name: key }),
    consequence: t('store.both-kept'),
    remedy: t('store.conflict.remedy'),
    detail: 'seen by a check before or after the write, because this endpoint ignores conditional writes',
  })
}

function absentAt(key: string): StoreError {
  return new StoreError('absent', { code: 'not-found', message: t('store.no-longer-there', { key }) })
}
