/** The history of one key, and whether a bucket keeps any. */
import type { FileVersion, FileVersions } from '../../contracts/version.ts'
import { StoreError, type ObjectStore, type VersionListing, type VersionMarker } from '../s3/store.ts'

/** What a person is shown of one file; a key that is written every minute has more. */
const mostVersions = 10_000

const none: FileVersions = { isVersioned: false, versions: [], isTruncated: false }

/** Newest first. Throws StoreError. */
export async function historyOf(store: ObjectStore, key: string): Promise<FileVersions> {
  const versioning = await store.versioning()
  if (versioning === 'off') return none
  try {
    const { found, isTruncated } = await listed(store, key)
    const isVersioned = versioning !== 'unknown' || found.some(showsHistory)
    return isVersioned ? { isVersioned, versions: found.map(fileVersion), isTruncated } : none
  } catch (error) {
    if (isNotOffered(error)) return none
    throw error
  }
}

/** An entry that only a bucket with a history can have. */
export const showsHistory = ({ versionId, kind }: VersionListing): boolean => versionId !== 'null' || kind === 'deleted'

/** Some services have no history and do not know the question. */
export const isNotOffered = (error: unknown): boolean =>
  error instanceof StoreError &&
  error.kind === 'invalid' &&
  / · (?:HTTP 501|NotImplemented|MethodNotAllowed)\b/.test(` · ${error.problem.detail ?? ''}`)

/** Keys that only begin with this one come after it. */
async function listed(store: ObjectStore, key: string): Promise<{ found: VersionListing[]; isTruncated: boolean }> {
  const found: VersionListing[] = []
  let after: VersionMarker | undefined
  do {
    const page = await store.listVersions({ prefix: key, ...(after === undefined ? {} : { after }) })
    const own = page.versions.filter((version) => version.key === key)
    found.push(...own)
    after = own.length === page.versions.length ? page.next : undefined
  } while (after !== undefined && found.length < mostVersions)
  return { found, isTruncated: after !== undefined }
}

function fileVersion({ versionId, kind, isCurrent, etag, sizeBytes, lastModifiedMs }: VersionListing): FileVersion {
  const common = { versionId, kind, isCurrent, sizeBytes, modifiedAt: lastModifiedMs }
  return etag === undefined ? common : { ...common, etag }
}
