/** What the window's browser of a drive asks for. Only constructs. */
import type { DriveCache } from './drive-cache.ts'
import type { DriveOptions } from './drive-options.ts'
import type { BucketWatch } from './drive-sync.ts'
import { Entries } from './files/entries.ts'
import { Folders } from './files/folders.ts'
import type { Node } from './metadata/node.ts'
import type { Pins } from './sync/pins.ts'

export type DriveFiles = { folders: Folders; pins: Pins; close: () => void }

export function filesOf(
  options: DriveOptions,
  { database, nodes, keys, journal }: DriveCache,
  { remote, connection, folderUse, warmUp }: BucketWatch,
  { pins, find }: { pins: Pins; find: (path: string) => Promise<Node> },
): DriveFiles {
  const { clock } = options
  const entries = new Entries({ database, nodes, keys, journal, isPin: (node) => pins.isPin(node) })
  const folders = new Folders({
    ...{ database, nodes, entries, remote, connection, folderUse, warmUp, clock, find },
    emit: (changed) => options.onFiles?.(changed),
  })
  return {
    folders,
    pins,
    close: () => folders.close(),
  }
}
