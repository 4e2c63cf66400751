/** How a node is written to and read from its row. The only file that knows the columns. */
import type { SqlValue } from './database.ts'
import type { ForeignAttributes, Node, NodeKind, RemoteObject } from './node.ts'

export const nodeColumns = [
  'id',
  'parent',
  'name',
  'segment',
  'kind',
  'mode',
  'uid',
  'gid',
  'size',
  'atime',
  'mtime',
  'ctime',
  'target',
  'xattrs',
  'remote_key',
  'remote_etag',
  'remote_version',
  'remote_size',
  'attributes',
  'is_metadata_known',
  'is_local_only',
  'is_content_dirty',
  'content',
  'base_size',
  'validated_at',
  'listed_at',
  'is_pinned',
] as const

type Column = (typeof nodeColumns)[number]
export type NodeRow = Record<Column, SqlValue>

export function valuesOf(node: Node): (string | number | null)[] {
  return [
    node.id,
    node.parent,
    node.name,
    node.segment,
    node.kind,
    node.mode,
    node.uid,
    node.gid,
    node.size,
    node.atimeMs,
    node.mtimeMs,
    node.ctimeMs,
    node.target ?? null,
    node.xattrs === undefined ? null : JSON.stringify(node.xattrs),
    node.remote?.key ?? null,
    node.remote?.etag ?? null,
    node.remote?.versionId ?? null,
    node.remote?.sizeBytes ?? null,
    node.foreign === undefined ? null : JSON.stringify(node.foreign),
    node.isMetadataKnown ? 1 : 0,
    node.isLocalOnly ? 1 : 0,
    node.isContentDirty ? 1 : 0,
    node.content,
    node.baseSize,
    node.validatedAtMs,
    node.listedAtMs,
    node.isPinned ? 1 : 0,
  ]
}

export function nodeFromRow(row: NodeRow): Node {
  return {
    id: Number(row.id),
    parent: Number(row.parent),
    name: String(row.name),
    segment: String(row.segment),
    kind: row.kind as NodeKind,
    mode: Number(row.mode),
    uid: Number(row.uid),
    gid: Number(row.gid),
    size: Number(row.size),
    atimeMs: Number(row.atime),
    mtimeMs: Number(row.mtime),
    ctimeMs: Number(row.ctime),
    target: row.target === null ? undefined : String(row.target),
    xattrs: row.xattrs === null ? undefined : (JSON.parse(String(row.xattrs)) as Record<string, string>),
    remote: remoteFromRow(row),
    foreign: row.attributes === null ? undefined : (JSON.parse(String(row.attributes)) as ForeignAttributes),
    isMetadataKnown: row.is_metadata_known === 1,
    isLocalOnly: row.is_local_only === 1,
    isContentDirty: row.is_content_dirty === 1,
    content: Number(row.content),
    baseSize: Number(row.base_size),
    validatedAtMs: Number(row.validated_at),
    listedAtMs: Number(row.listed_at),
    isPinned: row.is_pinned === 1,
  }
}

function remoteFromRow(row: NodeRow): RemoteObject | undefined {
  if (row.remote_key === null) return undefined
  const remote: RemoteObject = {
    key: String(row.remote_key),
    etag: String(row.remote_etag),
    sizeBytes: Number(row.remote_size),
  }
  if (row.remote_version !== null) remote.versionId = String(row.remote_version)
  return remote
}
