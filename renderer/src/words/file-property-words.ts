/** What is said of one file: here, and in the bucket. */
import type { FileEntry, FileObject, FileProperties } from '../../../contracts/file.ts'
import { t } from '../../../language/language.ts'
import { momentInWords } from './date-words.ts'
import { fileState, kindInWords } from './file-words.ts'
import { bytesInWords, countInWords } from './quantities.ts'

export type PropertyLine = { label: string; value: string; isCode?: boolean }

export function computerLines({ path, entry }: FileProperties, nowMs: number): readonly PropertyLine[] {
  const state = fileState(entry)
  const isFile = entry.kind === 'file'
  return [
    { label: t('files.details.kind'), value: kindInWords(entry) },
    { label: t('files.details.folder'), value: path.split('/').slice(0, -1).join('/') || t('files.details.drive') },
    ...(isFile ? [{ label: t('files.details.size'), value: exactSize(entry.sizeBytes) }] : []),
    ...(entry.modifiedAt > 0
      ? [{ label: t('files.details.modified'), value: momentInWords(entry.modifiedAt, nowMs) }]
      : []),
    ...(state
      ? [
          {
            label: t('files.sort.state'),
            value: t('files.properties.state', { label: state.label, meaning: state.meaning }),
          },
        ]
      : []),
    ...(isFile ? [{ label: t('files.details.here'), value: bytesInWords(entry.cachedBytes) }] : []),
    ...(entry.kept === 'with-folder'
      ? [{ label: t('files.details.kept'), value: t('files.details.kept.folder') }]
      : []),
  ]
}

/** What the list knows of one file or folder; the bucket is not asked. */
export function detailLines(
  { path, entry }: { path: string; entry: FileEntry },
  nowMs: number,
): readonly PropertyLine[] {
  const isFile = entry.kind === 'file'
  const folder = path.split('/').slice(0, -1).join('/')
  return [
    { label: t('files.details.kind'), value: kindInWords(entry) },
    { label: t('files.details.folder'), value: folder || t('files.details.drive') },
    ...(isFile ? [{ label: t('files.details.size'), value: exactSize(entry.sizeBytes) }] : []),
    ...(entry.modifiedAt > 0
      ? [{ label: t('files.details.modified'), value: momentInWords(entry.modifiedAt, nowMs) }]
      : []),
    ...(isFile ? [{ label: t('files.details.here'), value: bytesInWords(entry.cachedBytes) }] : []),
    ...(entry.kept === 'with-folder'
      ? [{ label: t('files.details.kept'), value: t('files.details.kept.folder') }]
      : []),
  ]
}

/** Several at once. What folders hold is not known. */
export function sumLines(entries: readonly FileEntry[]): readonly PropertyLine[] {
  const files = entries.filter(({ kind }) => kind !== 'folder')
  const folders = entries.length - files.length
  const sum = (of: (entry: FileEntry) => number): string =>
    bytesInWords(files.reduce((bytes, entry) => bytes + of(entry), 0))
  const size = sum(({ sizeBytes }) => sizeBytes)
  return [
    ...(files.length > 0 ? [{ label: t('files.details.files'), value: countInWords(files.length) }] : []),
    ...(folders > 0 ? [{ label: t('files.details.folders'), value: countInWords(folders) }] : []),
    ...(files.length > 0
      ? [
          {
            label: t('files.details.size'),
            value: folders > 0 ? t('files.details.sum', { bytes: size }) : size,
          },
          { label: t('files.details.here'), value: sum(({ cachedBytes }) => cachedBytes) },
        ]
      : []),
  ]
}

export function bucketLines(object: FileObject, nowMs: number): readonly PropertyLine[] {
  const optional = (label: string, value: string | undefined, isCode = false): PropertyLine[] =>
    value === undefined ? [] : [{ label, value, isCode }]
  return [
    { label: t('files.properties.key'), value: object.key, isCode: true },
    { label: t('files.details.size'), value: exactSize(object.sizeBytes) },
    ...(object.modifiedAt === undefined
      ? []
      : [{ label: t('files.details.modified'), value: momentInWords(object.modifiedAt, nowMs) }]),
    { label: t('files.properties.etag'), value: object.etag, isCode: true },
    ...optional(t('files.properties.version'), object.versionId, true),
    { label: t('files.properties.class'), value: object.storageClass ?? 'STANDARD' },
    ...optional(t('files.properties.type'), object.contentType),
    ...optional(t('files.properties.encryption'), object.encryption),
  ]
}

export function absentInWords({ kind, badge }: FileEntry): string {
  if (kind === 'folder') return t('files.properties.absent.folder')
  return badge === 'local-only' ? t('files.properties.absent.local') : t('files.properties.absent')
}

function exactSize(bytes: number): string {
  return bytes < 1000 ? bytesInWords(bytes) : t('files.properties.bytes', { size: bytesInWords(bytes), count: bytes })
}
