/** What `df` is told of a drive: the disk its cache is on, looked at no more than once a second. */
import { statfsSync } from 'node:fs'
import type { Clock } from '../runtime/clock.ts'

export function diskSpace(
  directory: string,
  clock: Clock,
): () => { blocks: number; bfree: number; bavail: number; bsize: number } {
  const read = (): { blocks: number; bfree: number; bavail: number; bsize: number } => {
    const { blocks, bfree, bavail, bsize } = statfsSync(directory)
    return { blocks, bfree, bavail, bsize }
  }
  let known = read()
  let readAtMs = clock.now()
  return () => {
    if (clock.now() - readAtMs > 1_000) {
      known = read()
      readAtMs = clock.now()
    }
    return known
  }
}
