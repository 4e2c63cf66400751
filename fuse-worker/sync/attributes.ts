/** A node's attributes and its object's: how each becomes the other. */
import type { Node, NodeKind } from '../metadata/node.ts'
import { contentTypeFor } from '../s3/content-type.ts'
import type { ObjectAttributes, ObjectHead } from '../s3/store.ts'
import {
  attributesFromMetadata,
  directoryContentType,
  metadataFromAttributes,
  type FileAttributes,
} from '../s3/user-metadata.ts'
import type { NodeDefaults } from './tree-changes.ts'

const typeBits: Record<NodeKind, number> = { file: 0o100000, directory: 0o040000, symlink: 0o120000 }

/** What the object of this node carries; `mark` is how a write of ours is recognised when its answer was lost. */
export function objectAttributesOf(node: Node, mark: string): ObjectAttributes {
  return {
    metadata: metadataFromAttributes({
      mtimeMs: node.mtimeMs,
      mode: typeBits[node.kind] | node.mode,
      uid: node.uid,
      gid: node.gid,
      xattrs: xattrsToStore(node),
      writeId: mark,
      foreign: node.foreign?.metadata,
    }),
    contentType: contentTypeOf(node),
    ...(node.foreign?.systemHeaders === undefined ? {} : { systemHeaders: node.foreign.systemHeaders }),
  }
}

export const isSymlinkHead = (head: ObjectHead): boolean => attributesFromMetadata(head).isSymlink

export const writeMarkOf = (head: ObjectHead): string | undefined => attributesFromMetadata(head).writeId

/** The node takes over what the object says of itself; where it says nothing, the drive's defaults stand. */
export function applyAttributes(node: Node, head: ObjectHead, defaults: NodeDefaults): void {
  const found = attributesFromMetadata(head)
  const isDirectory = node.kind === 'directory'
  if (!isDirectory) node.kind = found.isSymlink ? 'symlink' : 'file'
  node.mode = found.mode === undefined ? defaultMode(node.kind, defaults) : found.mode & 0o7777
  node.uid = found.uid ?? defaults.uid
  node.gid = found.gid ?? defaults.gid
  node.mtimeMs = found.mtimeMs ?? head.lastModifiedMs
  node.xattrs = xattrsOf(found)
  node.foreign = foreignOf(head, found)
  node.isMetadataKnown = true
}

function defaultMode(kind: NodeKind, defaults: NodeDefaults): number {
  if (kind === 'directory') return defaults.directoryMode
  return kind === 'symlink' ? 0o777 : defaults.fileMode
}

function contentTypeOf(node: Node): string {
  if (node.foreign?.contentType !== undefined) return node.foreign.contentType
  return node.kind === 'directory' ? directoryContentType : contentTypeFor(node.name)
}

function foreignOf(head: ObjectHead, found: FileAttributes): Node['foreign'] {
  return {
    ...(head.contentType === undefined ? {} : { contentType: head.contentType }),
    ...(Object.keys(head.systemHeaders).length === 0 ? {} : { systemHeaders: head.systemHeaders }),
    ...(Object.keys(found.foreign).length === 0 ? {} : { metadata: found.foreign }),
  }
}

function xattrsOf(found: FileAttributes): Node['xattrs'] {
  if (found.xattrs === undefined) return undefined
  return Object.fromEntries(
    Object.entries(found.xattrs).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  )
}

function xattrsToStore(node: Node): Record<string, Uint8Array> | undefined {
  if (node.xattrs === undefined) return undefined
  return Object.fromEntries(Object.entries(node.xattrs).map(([name, value]) => [name, Buffer.from(value, 'base64')]))
}
