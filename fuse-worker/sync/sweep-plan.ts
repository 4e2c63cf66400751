/**
 * Which folder is asked for again next by the background sweep, and how long after that it rests. Pure. A folder is in use for a while
 * after a program last looked into it or had a file of it open.
 */
import type { NodeId } from '../metadata/node.ts'

export type FolderInUse = {
  id: NodeId
  usedAtMs: number
  /** Listed, or tried. What was never listed as a whole is asked for name by name and not swept. */
  listedAtMs: number
}

/** A folder rests this long between two listings by the sweep. */
export type SweepRule = { againAfterMs: number }

const inUseForMs = 2 * 60_000
/** At most twelve requests a minute. */
const pauseMs = 5_000
const entriesPerRequest = 1_000

/** The one that was listed, or tried, longest ago. */
export function nextToSweep(folders: Iterable<FolderInUse>, nowMs: number, rule: SweepRule): NodeId | undefined {
  let next: FolderInUse | undefined
  for (const folder of folders) {
    if (nowMs - folder.listedAtMs < rule.againAfterMs) continue
    if (nowMs - folder.usedAtMs > inUseForMs) continue
    if (next === undefined || folder.listedAtMs < next.listedAtMs) next = folder
  }
  return next?.id
}

/** A large folder costs a request a page, and is paid for with a longer pause. */
export function pauseAfterMs(entries: number): number {
  return pauseMs * Math.max(1, Math.ceil(entries / entriesPerRequest))
}
