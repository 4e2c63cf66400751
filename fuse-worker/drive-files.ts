/** What the window's browser of a drive asks for. Only constructs. */
import type { DriveCache } from './drive-cache.ts'
import type { DriveOptions } from './drive-options.ts'
import type { BucketWatch } from './drive-sync.ts'
import { Changes } from './files/changes.ts'
import { Copies } from './files/copies.ts'
import { Entries } from './files/entries.ts'
import { Folders } from './files/folders.ts'
import { Freeing } from './files/freeing.ts'
import { removeLeftovers } from './files/leftovers.ts'
import { NameIndex } from './files/name-index.ts'
import { Peek } from './files/peek.ts'
import { Properties } from './files/properties.ts'
import { Search } from './files/search.ts'
import { shareableKey } from './files/shareable.ts'
import { FileTransport } from './files/transport.ts'
import type { KernelOperations } from './fuse/kernel.ts'
import type { Node } from './metadata/node.ts'
import type { Pins } from './sync/pins.ts'
import type { TransferFeed } from './sync/transfer-feed.ts'

export type DriveFiles = {
  folders: Folders
  search: Search
  pins: Pins
  peek: Peek
  properties: Properties
  freeing: Freeing
  /** The key of the object a link to this file leads to. Throws ProblemError. */
  shareableKey: (path: string) => Promise<string>
  changes: Changes
  transport: FileTransport
  copies: Copies
  /** What copies of an earlier life left behind goes. */
  start: () => void
  close: () => void
}

type FileNeeds = {
  pins: Pins
  feed: TransferFeed
  operations: KernelOperations
  /** Throws ProblemError. */
  find: (path: string) => Promise<Node>
}

export function filesOf(
  options: DriveOptions,
  { database, nodes, keys, journal, contents, handles }: DriveCache,
  { store, remote, connection, folderUse, warmUp }: BucketWatch,
  { pins, find, feed, operations }: FileNeeds,
): DriveFiles {
  const { clock } = options
  const entries = new Entries({ database, nodes, keys, journal, isPin: (node) => pins.isPin(node) })
  const search = new Search({ index: new NameIndex(database), nodes, keys, entries, clock, find })
  const folders = new Folders({
    ...{ database, nodes, entries, remote, connection, folderUse, warmUp, clock, find },
    onLook: () => search.wake(),
    emit: (changed) => options.onFiles?.(changed),
  })
  const copies = new Copies({
    ...{ driveId: options.id, clock },
    onChange: (id, describe) => feed.transferChanged(id, describe),
  })
  const caller = { ...options.owner, pid: process.pid }
  const leaving = new AbortController()
  return {
    folders,
    search,
    pins,
    peek: new Peek({ operations, contents, find }),
    properties: new Properties({ store, nodes, keys, entries, find }),
    freeing: new Freeing({
      ...{ database, nodes, keys, contents, journal, find },
      openFiles: handles,
      isKept: (node) => pins.keeps(node),
    }),
    shareableKey: async (path) => shareableKey(path, await find(path), journal),
    changes: new Changes({ operations, caller }),
    transport: new FileTransport({ operations, caller, copies, mountpoint: options.mountpoint }),
    copies,
    start: () => {
      const parts = { database, nodes, keys, operations, signal: leaving.signal }
      removeLeftovers(parts).catch((error: unknown) => options.log.error('leftovers of copies stay', error))
    },
    close: () => {
      leaving.abort()
      copies.close()
      folders.close()
      search.close()
    },
  }
}
