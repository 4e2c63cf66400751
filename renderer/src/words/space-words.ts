/** What a drive takes of this computer, in three amounts and a limit, and how fast it moves. */
import type { DriveView } from '../../../contracts/ipc.ts'
import { peakOf, type RateHistory } from '../state/rates.ts'
import { bytesInWords, plural, rateInWords } from './quantities.ts'

export type SpacePart = { kind: 'unsynced' | 'kept' | 'evictable' | 'other'; bytes: number; words: string; why: string }

/** The three that matter, always; and what fits none of them, where there is any. */
export function spaceParts({ status }: Pick<DriveView, 'status'>): SpacePart[] {
  const { unsyncedBytes, pinnedBytes, evictableBytes, cachedBytes, pendingOperations } = status
  const changes = pendingOperations > 0 ? `${plural(pendingOperations, 'change')}, ` : ''
  const otherBytes = cachedBytes - unsyncedBytes - pinnedBytes - evictableBytes
  return [
    {
      kind: 'unsynced',
      bytes: unsyncedBytes,
      words: `Not uploaded: ${changes}${bytesInWords(unsyncedBytes)}`,
      why: 'Only on this computer. It stays until the bucket has it.',
    },
    {
      kind: 'kept',
      bytes: pinnedBytes,
      words: `Kept offline: ${bytesInWords(pinnedBytes)}`,
      why: 'You chose to keep it on this computer. The bucket has it too.',
    },
    {
      kind: 'evictable',
      bytes: evictableBytes,
      words: `Can be freed: ${bytesInWords(evictableBytes)}`,
      why: 'The bucket has it too. It makes room by itself when room is needed.',
    },
    ...(otherBytes > 0
      ? [
          {
            kind: 'other' as const,
            bytes: otherBytes,
            words: `Other parts of changed files: ${bytesInWords(otherBytes)}`,
            why: 'The bucket has them too. They can be freed when the changes are uploaded.',
          },
        ]
      : []),
  ]
}

/** “12.4 GB of at most 20 GB on this computer”. */
export function spaceInWords({ status, drive }: Pick<DriveView, 'status' | 'drive'>): string {
  const used = bytesInWords(status.cachedBytes)
  const { cacheLimitBytes } = drive
  if (cacheLimitBytes === undefined) return `${used} on this computer, with no limit but the disk`
  return `${used} of at most ${bytesInWords(cacheLimitBytes)} on this computer`
}

/** For who cannot see the drawing of the last minute. */
export function ratesInWords(history: RateHistory): string {
  const { up, down } = peakOf(history)
  if (up === 0 && down === 0) return 'Nothing was transferred in the last minute.'
  const now = history.at(-1) ?? { up: 0, down: 0 }
  return `In the last minute: uploads at ${rateInWords(now.up)}, at most ${rateInWords(up)}; downloads at ${rateInWords(now.down)}, at most ${rateInWords(down)}.`
}
