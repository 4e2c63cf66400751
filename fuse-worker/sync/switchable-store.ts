/**
 * The store behind a name that stays: new credentials or a newly probed endpoint take effect on a live mount. A call that is under way
 * goes on with the store it began on.
 */
import type { ObjectStore } from '../s3/store.ts'

export type SwitchableStore = ObjectStore & { use(store: ObjectStore): void }

export function switchableStore(first: ObjectStore): SwitchableStore {
  let current = first
  return {
    use(store) {
      const old = current
      current = store
      old.close()
    },
    head: (...args) => current.head(...args),
    list: (...args) => current.list(...args),
    get: (...args) => current.get(...args),
    put: (...args) => current.put(...args),
    copy: (...args) => current.copy(...args),
    delete: (...args) => current.delete(...args),
    createMultipartUpload: (...args) => current.createMultipartUpload(...args),
    uploadPart: (...args) => current.uploadPart(...args),
    uploadPartCopy: (...args) => current.uploadPartCopy(...args),
    listParts: (...args) => current.listParts(...args),
    completeMultipartUpload: (...args) => current.completeMultipartUpload(...args),
    abortMultipartUpload: (...args) => current.abortMultipartUpload(...args),
    listMultipartUploads: (...args) => current.listMultipartUploads(...args),
    listVersions: (...args) => current.listVersions(...args),
    headVersion: (...args) => current.headVersion(...args),
    versioning: (...args) => current.versioning(...args),
    close: () => current.close(),
  }
}
