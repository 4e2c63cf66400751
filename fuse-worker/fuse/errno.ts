/**
 * The numbers the kernel expects for the names the filesystem throws. Linux and macOS agree up to 34 and part after that.
 * Exhaustive on purpose: a new name in `Errno` does not compile until it has both its numbers.
 */
import type { Errno } from './kernel.ts'

const shared = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  E2BIG: 7,
  EBADF: 9,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  ERANGE: 34,
} as const

const linux: Record<Errno, number> = {
  ...shared,
  EAGAIN: 11,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENODATA: 61,
  EILSEQ: 84,
  ENOTSUP: 95,
  ENETDOWN: 100,
  ETIMEDOUT: 110,
  ESTALE: 116,
  EDQUOT: 122,
}

const darwin: Record<Errno, number> = {
  ...shared,
  EAGAIN: 35,
  ENOTSUP: 45,
  ENETDOWN: 50,
  ETIMEDOUT: 60,
  ELOOP: 62,
  ENAMETOOLONG: 63,
  ENOTEMPTY: 66,
  EDQUOT: 69,
  ESTALE: 70,
  ENOSYS: 78,
  EILSEQ: 92,
  // ENOATTR: what getxattr(2) of macOS answers for an attribute that is not there; its own ENODATA (96) is for streams.
  ENODATA: 93,
}

export function errnoNumbers(platform: NodeJS.Platform): Readonly<Record<Errno, number>> {
  return platform === 'darwin' ? darwin : linux
}
