/** What a drive takes of this computer, in three amounts and a limit, and how fast it moves. */
import type { DriveView } from '../../../contracts/ipc.ts'
import { peakOf, type RateHistory } from '../state/rates.ts'
import { t } from '../../../language/language.ts'
import { bytesInWords, rateInWords } from './quantities.ts'

export type SpacePart = { kind: 'unsynced' | 'kept' | 'evictable' | 'other'; bytes: number; words: string; why: string }

/** The three that matter; and what fits none of them, where there is any. Of a drive that does not run, only what waits is known. */
export function spaceParts({ status }: Pick<DriveView, 'status'>): SpacePart[] {
  const { unsyncedBytes, pinnedBytes, evictableBytes, cachedBytes, pendingOperations } = status
  const unsynced = bytesInWords(unsyncedBytes)
  const otherBytes = cachedBytes - unsyncedBytes - pinnedBytes - evictableBytes
  const parts: SpacePart[] = [
    {
      kind: 'unsynced',
      bytes: unsyncedBytes,
      words:
        pendingOperations > 0
          ? t('drives.space.unsynced.changes', { count: pendingOperations, bytes: unsynced })
          : t('drives.space.unsynced', { bytes: unsynced }),
      why: t('drives.space.unsynced.why'),
    },
    {
      kind: 'kept',
      bytes: pinnedBytes,
      words: t('drives.space.kept', { bytes: bytesInWords(pinnedBytes) }),
      why: t('drives.space.kept.why'),
    },
    {
      kind: 'evictable',
      bytes: evictableBytes,
      words: t('drives.space.evictable', { bytes: bytesInWords(evictableBytes) }),
      why: t('drives.space.evictable.why'),
    },
    ...(otherBytes > 0
      ? [
          {
            kind: 'other' as const,
            bytes: otherBytes,
            words: t('drives.space.other', { bytes: bytesInWords(otherBytes) }),
            why: t('drives.space.other.why'),
          },
        ]
      : []),
  ]
  return cachedBytes > 0 ? parts : parts.filter(({ kind }) => kind === 'unsynced')
}

/** “12.4 GB of at most 20 GB on this computer”. */
export function spaceInWords({ status, drive }: Pick<DriveView, 'status' | 'drive'>): string {
  const used = bytesInWords(status.cachedBytes)
  const { cacheLimitBytes } = drive
  if (cacheLimitBytes === undefined) return t('drives.space.used', { used })
  return t('drives.space.used.limit', { used, limit: bytesInWords(cacheLimitBytes) })
}

/** For who cannot see the drawing of the last minute. */
export function ratesInWords(history: RateHistory): string {
  const { up, down } = peakOf(history)
  if (up === 0 && down === 0) return t('drives.rates.none')
  const now = history.at(-1) ?? { up: 0, down: 0 }
  const amounts = { up: now.up, mostUp: up, down: now.down, mostDown: down }
  return t('drives.rates', Object.fromEntries(Object.entries(amounts).map(([name, rate]) => [name, rateInWords(rate)])))
}
