/**
 * Reads on from a version that was replaced or deleted, where the bucket still has it: a file that is open, or changed here in
 * part, keeps the bytes it began on. Equal ETags are equal content, so any version with the one asked for will do.
 */
import type { Clock } from '../runtime/clock.ts'
import { StoreError, type CallOptions, type ETag, type ObjectStore, type VersionMarker } from '../s3/store.ts'

/** So long it is believed that a bucket keeps nothing: a drive full of replaced files must not ask for each. */
const offTrustMs = 60_000
/** A file that was replaced more often since is given up. */
const mostPages = 5

export function historyStore(store: ObjectStore, clock: Clock): ObjectStore {
  let isOffUntilMs = 0

  async function keepsHistory(call: CallOptions | undefined): Promise<boolean> {
    if (clock.now() < isOffUntilMs) return false
    if ((await store.versioning(call)) !== 'off') return true
    isOffUntilMs = clock.now() + offTrustMs
    return false
  }

  async function find(key: string, etag: ETag, call: CallOptions | undefined): Promise<string | undefined> {
    if (!(await keepsHistory(call))) return undefined
    let after: VersionMarker | undefined
    for (let pages = 0; pages < mostPages; pages++) {
      const page = await store.listVersions({ prefix: key, ...(after === undefined ? {} : { after }) }, call)
      const found = page.versions.find((version) => version.key === key && version.etag === etag)
      if (found !== undefined) return found.versionId
      if (page.next?.key !== key) return undefined
      after = page.next
    }
    return undefined
  }

  return {
    ...store,
    async get(key, query, call) {
      try {
        return await store.get(key, query, call)
      } catch (error) {
        const { ifMatch, versionId } = query
        if (ifMatch === undefined || versionId !== undefined || !isReplaced(error)) throw error
        // What is asked about the history must not hide what happened.
        const kept = await find(key, ifMatch, call).catch(() => undefined)
        if (kept === undefined) throw error
        return store.get(key, { ...query, versionId: kept }, call)
      }
    },
  }
}

const isReplaced = (error: unknown): boolean =>
  error instanceof StoreError && (error.kind === 'conflict' || error.kind === 'absent')
