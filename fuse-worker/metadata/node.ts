/** A node: one file, folder or symbolic link of the drive, whether the bucket knows of it yet or not. */
import type { ObjectVersion } from '../s3/store.ts'

export type NodeId = number
export type NodeKind = 'file' | 'directory' | 'symlink'

/** The object a node stands on: the version its clean content and metadata came from. A directory's is its marker. */
export type RemoteObject = ObjectVersion & { key: string; sizeBytes: number }

/** Headers of the object that are not the node's own business but must outlive a rewrite. */
export type ForeignAttributes = {
  contentType?: string
  systemHeaders?: Record<string, string>
  metadata?: Record<string, string>
}

export type Node = {
  readonly id: NodeId
  /** `orphanage` for a node that was unlinked while open. */
  parent: NodeId
  /** As programs see it. */
  name: string
  /** The part of the key it stands for; differs from the name only where that is escaped. */
  segment: string
  kind: NodeKind
  /** Permission bits, without the file type. */
  mode: number
  uid: number
  gid: number
  size: number
  atimeMs: number
  mtimeMs: number
  ctimeMs: number
  /** Of a symbolic link. */
  target: string | undefined
  /** Values in base64. */
  xattrs: Record<string, string> | undefined
  remote: RemoteObject | undefined
  foreign: ForeignAttributes | undefined
  /** False while only a listing has told of it: times are the server's, mode and owner the drive's defaults. */
  isMetadataKnown: boolean
  /** Junk that never leaves this machine. */
  isLocalOnly: boolean
  /** Content that the bucket has not seen. */
  isContentDirty: boolean
  /** Number of its content in the cache; 0 before there is any. */
  content: number
  /** Bytes past this of the remote object are no longer part of the file (it was truncated). */
  baseSize: number
  /** When the bucket last confirmed it; 0 never. */
  validatedAtMs: number
  /** Directories: when all children were last listed; 0 never. */
  listedAtMs: number
  /** Not to leave the cache: pinned, or below something that is. */
  isPinned: boolean
}

export const rootId: NodeId = 1
export const orphanage: NodeId = -1

export type NodeFields = Omit<Node, 'id'>

/** A node as a program would create it, to be narrowed by the caller. */
export function blankNode(fields: {
  parent: NodeId
  name: string
  segment: string
  kind: NodeKind
  mode: number
  uid: number
  gid: number
  nowMs: number
}): NodeFields {
  const { parent, name, segment, kind, mode, uid, gid, nowMs } = fields
  return {
    parent,
    name,
    segment,
    kind,
    mode,
    uid,
    gid,
    size: 0,
    atimeMs: nowMs,
    mtimeMs: nowMs,
    ctimeMs: nowMs,
    target: undefined,
    xattrs: undefined,
    remote: undefined,
    foreign: undefined,
    isMetadataKnown: true,
    isLocalOnly: false,
    isContentDirty: false,
    content: 0,
    baseSize: 0,
    validatedAtMs: 0,
    listedAtMs: 0,
    isPinned: false,
  }
}
