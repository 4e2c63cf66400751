/** What becomes of the origins of one folder when it, or a folder around it, is renamed. Pure. */

export type OriginChange = { add: string | undefined; remove: string | undefined }

export function planOrigins(folder: {
  origins: readonly string[]
  oldPrefix: string
  newPrefix: string
  /** The bucket has, or may have, keys of this folder below the old prefix. */
  isInBucket: boolean
  /** What lies below the old prefix in the bucket belongs to a folder that was renamed before. */
  isOldCovered: boolean
  /** The same of the new prefix, apart from this folder's own claim to it. */
  isNewCovered: boolean
}): OriginChange {
  const { origins, oldPrefix, newPrefix } = folder
  // Puts wait while their key is covered, so nothing of this folder can have got there.
  const leavesKeys = folder.isInBucket && !folder.isOldCovered
  const add = leavesKeys && !origins.includes(oldPrefix) ? oldPrefix : undefined
  // Back where its keys are, it has nothing to move; while another folder claims them as well, its own claim keeps them.
  const remove = origins.includes(newPrefix) && !folder.isNewCovered ? newPrefix : undefined
  return { add, remove }
}
