/** What a person is told when a change that is only on this computer turns out to be damaged, so that it cannot be uploaded. */
import { inWords, type DamagedContent } from '../cache/damaged-content.ts'
import { StoreError } from '../s3/store.ts'

export function damagedUpload(path: string, sizeBytes: number, error: DamagedContent): StoreError {
  const ranges = error.ranges.map(({ start, end }) => ({ start, end: Math.min(end, sizeBytes) }))
  const problem = {
    code: 'content-damaged',
    message: `“${path}” is damaged on this computer: bytes ${inWords(ranges)} are not what was saved.`,
    consequence:
      'Nothing of this change was uploaded; what the bucket has is untouched. The rest of the file can still be read here.',
    remedy:
      'Copy what you need of it elsewhere, save a good copy over the file, and choose Retry. Check the disk that holds the cache. Deleting the file here deletes it in the bucket as well.',
    detail: error.message,
  } as const
  return new StoreError('blocked', problem, { cause: error })
}
