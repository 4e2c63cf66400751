/** What ties a drive to the history of its bucket. Only constructs. */
import { join } from 'node:path'
import type { DriveCache } from './drive-cache.ts'
import type { DriveOptions } from './drive-options.ts'
import type { BucketWatch, Sending } from './drive-sync.ts'
import type { Node } from './metadata/node.ts'
import type { TransferFeed } from './sync/transfer-feed.ts'
import { VersionPlaces } from './versions/places.ts'
import { VersionPreviews } from './versions/previews.ts'
import { Restorer, type RestorerOptions } from './versions/restorer.ts'
import { Saves } from './versions/saves.ts'
import { Versions } from './versions/versions.ts'

type VersionNeeds = {
  feed: TransferFeed
  /** Throws ProblemError. */
  find: (path: string) => Promise<Node>
  keepReplaced: RestorerOptions['keepReplaced']
}

export function versionsOf(
  options: DriveOptions,
  { nodes, keys, journal }: DriveCache,
  { store, tree, remote, settled }: BucketWatch,
  { uploads, abandoned }: Sending,
  { feed, find, keepReplaced }: VersionNeeds,
): Versions {
  const { clock, platform, isReadOnly, canCopyParts, mountpoint, newObjects = () => ({}) } = options
  const ending = new AbortController()
  const { signal } = ending
  const places = new VersionPlaces({ nodes, keys, store, platform, find })
  const directory = join(options.cacheDirectory, 'version-previews')
  return new Versions({
    ...{ store, places, mountpoint, ending },
    previews: new VersionPreviews({ directory, store, signal }),
    saves: new Saves({
      ...{ driveId: options.id, store, clock, signal },
      onChange: (id, describe) => feed.transferChanged(id, describe),
    }),
    restorer: new Restorer({
      ...{ store, places, nodes, journal, tree, remote, settled, isReadOnly, signal, keepReplaced },
      copying: { uploads, canCopyParts, newObjects, onAbandoned: () => abandoned.look() },
    }),
  })
}
