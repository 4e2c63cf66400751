/** What of the limits a person set holds now, and which part of it each drive keeps to. Pure. */
import type { DriveStatus } from '../contracts/drive.ts'
import { mostParallelUploads, type DriveLimits, type LimitHours, type TransferLimits } from '../contracts/limits.ts'

/** Under a limit a line is not shared by more uploads than get something of it: each may take as long as all of them. */
const bytesPerSecondOfUpload = 250_000

export type Sharing = { id: string; status: DriveStatus }

export function isWithin({ days, from, to }: LimitHours, now: Date): boolean {
  const minute = now.getHours() * 60 + now.getMinutes()
  const today = days.includes(now.getDay())
  if (from < to) return today && minute >= from && minute < to
  const yesterday = days.includes((now.getDay() + 6) % 7)
  return (today && minute >= from) || (yesterday && minute < to)
}

/**
 * A total is divided evenly among the drives that have something to send or to fetch; one that has nothing gets the part it would
 * have if it began, so that it need not wait to be told.
 */
export function sharesOf(limits: TransferLimits, drives: readonly Sharing[], now: Date): Map<string, DriveLimits> {
  const { uploadBytesPerSecond, downloadBytesPerSecond, parallelUploads, hours } = limits
  const holds = hours === undefined || isWithin(hours, now)
  const part = (total: number | undefined, id: string, isActive: (status: DriveStatus) => boolean) => {
    if (!holds || total === undefined) return undefined
    const others = drives.filter((other) => other.id !== id && isActive(other.status)).length
    return Math.max(1, Math.floor(total / (others + 1)))
  }
  return new Map(
    drives.map(({ id }) => {
      const up = part(uploadBytesPerSecond, id, isSending)
      const down = part(downloadBytesPerSecond, id, isFetching)
      const parallel = parallelUploads ?? (up === undefined ? undefined : atOnce(up))
      return [
        id,
        {
          ...(up === undefined ? {} : { uploadBytesPerSecond: up }),
          ...(down === undefined ? {} : { downloadBytesPerSecond: down }),
          ...(parallel === undefined ? {} : { parallelUploads: parallel }),
        },
      ]
    }),
  )
}

function atOnce(bytesPerSecond: number): number {
  return Math.max(1, Math.min(mostParallelUploads, Math.ceil(bytesPerSecond / bytesPerSecondOfUpload)))
}

function isSending({ pendingOperations, needsAttention, pausedOperations, connection, pause }: DriveStatus): boolean {
  const canSend = connection !== 'offline' && connection !== 'signed-out' && pause === undefined
  return pendingOperations > needsAttention + pausedOperations && canSend
}

function isFetching({ downloadBytesPerSecond }: DriveStatus): boolean {
  return downloadBytesPerSecond > 0
}
