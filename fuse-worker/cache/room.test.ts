import { describe, expect, it } from 'vitest'
import { CacheRoom, DiskFull, type Purpose } from './room.ts'

const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3

/** A disk that others have filled up to some free space, and a cache with so much in it. */
class Disk {
  freeBytes: number
  storedBytes: number
  evictableBytes: number
  readonly room: CacheRoom

  constructor(fields: { free: number; size?: number; stored?: number; evictable?: number; limit?: number }) {
    this.freeBytes = fields.free
    this.storedBytes = fields.stored ?? fields.evictable ?? 0
    this.evictableBytes = fields.evictable ?? 0
    this.room = new CacheRoom({
      directory: '/cache',
      disk: () => ({ freeBytes: this.freeBytes, sizeBytes: fields.size ?? 500 * gibibyte }),
      limitBytes: fields.limit,
      storedBytes: () => this.storedBytes,
      evictableBytes: () => this.evictableBytes,
      evict: (bytes) => {
        const evicted = Math.min(bytes, this.evictableBytes)
        this.evictableBytes -= evicted
        this.storedBytes -= evicted
        this.freeBytes += evicted
        return evicted
      },
    })
  }

  /** How much of it arrives, a mebibyte at a time, before there is no room. */
  fill(bytes: number, purpose: Purpose): number {
    for (let done = 0; done < bytes; done += mebibyte) {
      try {
        this.room.take(mebibyte, purpose)
      } catch (error) {
        if (error instanceof DiskFull) return done
        throw error
      }
      this.freeBytes -= mebibyte
      this.storedBytes += mebibyte
      if (purpose === 'keep') this.evictableBytes += mebibyte
    }
    return bytes
  }
}

describe('room on the disk', () => {
  it('what is kept leaves two hundredths of the disk free, and goes on arriving by taking the place of older content', () => {
    const disk = new Disk({ free: 12 * gibibyte })
    expect(disk.fill(20 * gibibyte, 'keep')).toBe(20 * gibibyte)
    expect(disk.freeBytes).toBeGreaterThanOrEqual(10 * gibibyte)
  })

  it('on a disk that others have filled, a little is kept all the same', () => {
    const disk = new Disk({ free: 2 * gibibyte })
    expect(disk.fill(gibibyte, 'keep')).toBe(gibibyte)
    expect(disk.evictableBytes).toBe(256 * mebibyte)
  })

  it('what is written may use the disk up to the reserve, and pushes out what is kept', () => {
    const disk = new Disk({ free: 2 * gibibyte, evictable: gibibyte })
    expect(disk.fill(4 * gibibyte, 'write')).toBe(3 * gibibyte - 32 * mebibyte)
    expect(disk.evictableBytes).toBe(0)
    expect(disk.room.shortage).toMatchObject({ code: 'disk-full' })
    disk.freeBytes += gibibyte
    expect(disk.room.shortage).toBeUndefined()
  })

  it('on a small disk floor and reserve are a tenth of it', () => {
    const disk = new Disk({ free: 40 * mebibyte, size: 50 * mebibyte })
    expect(disk.fill(gibibyte, 'write')).toBe(35 * mebibyte)
  })
})

describe('room below the limit', () => {
  it('is made by what may go, and refused when nothing may', () => {
    const disk = new Disk({
      free: 400 * gibibyte,
      stored: 90 * mebibyte,
      evictable: 50 * mebibyte,
      limit: 100 * mebibyte,
    })
    expect(disk.fill(gibibyte, 'write')).toBe(60 * mebibyte)
    expect(disk.room.shortage).toMatchObject({ code: 'cache-full' })
    expect(disk.storedBytes).toBeLessThanOrEqual(100 * mebibyte)
  })

  it('a refused read is no shortage', () => {
    const disk = new Disk({ free: 400 * gibibyte, stored: 100 * mebibyte, limit: 100 * mebibyte })
    expect(disk.fill(mebibyte, 'keep')).toBe(0)
    expect(disk.room.shortage).toBeUndefined()
  })
})
