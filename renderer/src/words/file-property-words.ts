/** What is said of one file: here, and in the bucket. */
import type { FileEntry, FileObject, FileProperties } from '../../../contracts/file.ts'
import { momentInWords } from './conflict-words.ts'
import { fileState, kindInWords } from './file-words.ts'
import { bytesInWords } from './quantities.ts'

export type PropertyLine = { label: string; value: string; isCode?: boolean }

export function computerLines({ path, entry }: FileProperties, nowMs: number): readonly PropertyLine[] {
  const state = fileState(entry)
  const isFile = entry.kind === 'file'
  return [
    { label: 'Kind', value: kindInWords(entry) },
    { label: 'Folder', value: path.split('/').slice(0, -1).join('/') || 'The drive itself' },
    ...(isFile ? [{ label: 'Size', value: exactSize(entry.sizeBytes) }] : []),
    ...(entry.modifiedAt > 0 ? [{ label: 'Modified', value: momentInWords(entry.modifiedAt, nowMs) }] : []),
    ...(state ? [{ label: 'State', value: `${state.label}. ${state.meaning}` }] : []),
    ...(isFile ? [{ label: 'On this computer', value: bytesInWords(entry.cachedBytes) }] : []),
    ...(entry.kept === 'with-folder' ? [{ label: 'Kept offline', value: 'With a folder above it' }] : []),
  ]
}

export function bucketLines(object: FileObject, nowMs: number): readonly PropertyLine[] {
  const optional = (label: string, value: string | undefined, isCode = false): PropertyLine[] =>
    value === undefined ? [] : [{ label, value, isCode }]
  return [
    { label: 'Key', value: object.key, isCode: true },
    { label: 'Size', value: exactSize(object.sizeBytes) },
    ...(object.modifiedAt === undefined ? [] : [{ label: 'Modified', value: momentInWords(object.modifiedAt, nowMs) }]),
    { label: 'ETag', value: object.etag, isCode: true },
    ...optional('Version', object.versionId, true),
    { label: 'Storage class', value: object.storageClass ?? 'STANDARD' },
    ...optional('Content type', object.contentType),
    ...optional('Encryption', object.encryption),
  ]
}

export function absentInWords({ kind, badge }: FileEntry): string {
  if (kind === 'folder') return 'The folder has no object of its own: the keys of what is in it make it.'
  return badge === 'local-only' ? 'Not in the bucket: it stays on this computer.' : 'Not in the bucket (yet).'
}

function exactSize(bytes: number): string {
  return bytes < 1000 ? bytesInWords(bytes) : `${bytesInWords(bytes)} (${bytes.toLocaleString('en')} bytes)`
}
