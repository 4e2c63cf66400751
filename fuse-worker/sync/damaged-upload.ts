/** What a person is told when a change that is only on this computer turns out to be damaged, so that it cannot be uploaded. */
import { t } from '../../language/language.ts'
import { listInWords } from '../../language/lists.ts'
import type { DamagedContent } from '../cache/damaged-content.ts'
import type { Interval } from '../cache/interval-set.ts'
import { StoreError } from '../s3/store.ts'

export function damagedUpload(path: string, sizeBytes: number, error: DamagedContent): StoreError {
  const ranges = error.ranges.map(({ start, end }) => ({ start, end: Math.min(end, sizeBytes) }))
  const problem = {
    code: 'content-damaged',
    message: t('worker.upload-damaged', { path, ranges: listInWords(ranges.map(inWords)) }),
    consequence: t('worker.upload-damaged.consequence'),
    remedy: t('worker.upload-damaged.remedy'),
    detail: error.message,
  } as const
  return new StoreError('blocked', problem, { cause: error })
}

/** As a person reads it: bytes counted from 1. */
function inWords({ start, end }: Interval): string {
  return t('worker.upload-damaged.range', { from: start + 1, to: end })
}
