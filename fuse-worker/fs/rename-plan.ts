/** What a move means for one node of the moved subtree. Pure. */
export type RenameStep =
  /** Nothing of it is in the bucket or on its way there. */
  | 'nothing'
  /** The old key goes, the new one comes. */
  | 'moves'
  /** Junk got a real name: it is uploaded from now on. */
  | 'becomes-real'
  /** Nothing of it ever left this machine, and under its new name nothing will. */
  | 'becomes-local'

export function planRename(node: {
  isDirectory: boolean
  isLocalOnly: boolean
  isLocalOnlyPlace: boolean
  hasRemote: boolean
  hasPendingPut: boolean
  mayHaveReachedBucket: boolean
  isEmpty: boolean
}): RenameStep {
  if (node.isLocalOnly) return node.isLocalOnlyPlace ? 'nothing' : 'becomes-real'
  const wasSeen = node.hasRemote || node.mayHaveReachedBucket
  // What the bucket has keeps its place in the bucket, even under a name that looks like junk: the content may not be here.
  if (node.isLocalOnlyPlace && !wasSeen) return 'becomes-local'
  if (node.isDirectory && !node.hasRemote && !node.hasPendingPut) return node.isEmpty ? 'moves' : 'nothing'
  return 'moves'
}
