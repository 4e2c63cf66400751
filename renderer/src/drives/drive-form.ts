import type { ConflictPolicy, ConflictRule } from '../../../contracts/conflict.ts'
import {
  localOnlyPatternSchema,
  storageClassSchema,
  type ConsistencyMode,
  type Drive,
  type ObjectEncryption,
} from '../../../contracts/drive.ts'
import { defaultLocalOnlyPatterns, patternsFromText } from '../../../contracts/local-only.ts'
import { t } from '../../../language/language.ts'
import { isWellKnownClass } from '../words/storage-words.ts'

export type DriveForm = {
  id: string
  accountId: string
  bucket: string
  folder: string
  name: string
  mountpoint: string
  isReadOnly: boolean
  mountsAtStart: boolean
  consistency: ConsistencyMode
  cacheLimitGb: string
  cacheDirectory: string
  /** One pattern a line. */
  localOnly: string
  conflictPolicy: ConflictPolicy
  conflictRules: readonly ConflictRule[]
  /** One of those with words, `other` for the one typed, empty for none. */
  storageClass: string
  otherStorageClass: string
  encryption: ObjectEncryption['kind'] | 'usual'
  encryptionKey: string
}

export type DriveFormErrors = Partial<Record<keyof DriveForm, string>>

const gigabyte = 1_000_000_000

export function emptyDriveForm(accountId: string): DriveForm {
  return {
    id: '',
    accountId,
    bucket: '',
    folder: '',
    name: '',
    mountpoint: '',
    isReadOnly: false,
    mountsAtStart: true,
    consistency: 'close-to-open',
    cacheLimitGb: '',
    cacheDirectory: '',
    localOnly: defaultLocalOnlyPatterns.join('\n'),
    conflictPolicy: 'ask',
    conflictRules: [],
    storageClass: '',
    otherStorageClass: '',
    encryption: 'usual',
    encryptionKey: '',
  }
}

export function driveFormOf(drive: Drive): DriveForm {
  return {
    id: drive.id,
    accountId: drive.accountId,
    bucket: drive.bucket,
    folder: drive.prefix.replace(/\/$/, ''),
    name: drive.name,
    mountpoint: drive.mountpoint,
    isReadOnly: drive.isReadOnly,
    mountsAtStart: drive.mountsAtStart,
    consistency: drive.consistency,
    cacheLimitGb: drive.cacheLimitBytes === undefined ? '' : String(drive.cacheLimitBytes / gigabyte),
    cacheDirectory: drive.cacheDirectory ?? '',
    localOnly: (drive.localOnlyPatterns ?? defaultLocalOnlyPatterns).join('\n'),
    conflictPolicy: drive.conflictPolicy ?? 'ask',
    conflictRules: drive.conflictRules ?? [],
    ...newObjectsForm(drive),
  }
}

/** Only slashes at the ends go: the rest of a key is the person's own. */
export function prefixOf(folder: string): string {
  const trimmed = folder.replace(/^\/+|\/+$/g, '')
  return trimmed === '' ? '' : `${trimmed}/`
}

export function suggestedDriveName(form: Pick<DriveForm, 'bucket' | 'folder'>): string {
  return prefixOf(form.folder).split('/').filter(Boolean).at(-1) ?? form.bucket
}

/** A folder named like the drive, beside the other drives. */
export function suggestedMountpoint(name: string, root: string, taken: readonly string[]): string {
  if (name === '') return ''
  const safe = name.replace(/[/\\:\0]/g, '-').replace(/^\.+/, '')
  const base = `${root.replace(/[/\\]+$/, '')}/${safe || 'drive'}`
  let candidate = base
  for (let number = 2; taken.includes(candidate); number += 1) candidate = `${base} ${number}`
  return candidate
}

export function driveOf(form: DriveForm): Drive {
  const cacheDirectory = form.cacheDirectory.trim()
  const limit = limitBytes(form.cacheLimitGb)
  return {
    id: form.id,
    accountId: form.accountId,
    name: form.name.trim() || suggestedDriveName(form),
    bucket: form.bucket.trim(),
    prefix: prefixOf(form.folder),
    mountpoint: form.mountpoint.trim(),
    isReadOnly: form.isReadOnly,
    mountsAtStart: form.mountsAtStart,
    consistency: form.consistency,
    ...(cacheDirectory === '' ? {} : { cacheDirectory }),
    ...localOnlyOf(form.localOnly),
    ...(form.conflictPolicy === 'ask' ? {} : { conflictPolicy: form.conflictPolicy }),
    ...(form.conflictRules.length === 0 ? {} : { conflictRules: [...form.conflictRules] }),
    ...newObjectsOf(form),
    ...(typeof limit === 'number' ? { cacheLimitBytes: limit } : {}),
  }
}

function newObjectsForm({
  storageClass = '',
  encryption,
}: Drive): Pick<DriveForm, 'storageClass' | 'otherStorageClass' | 'encryption' | 'encryptionKey'> {
  const isOther = storageClass !== '' && !isWellKnownClass(storageClass)
  const key = encryption?.kind === 'sse-kms' ? encryption.keyId : undefined
  return {
    storageClass: isOther ? 'other' : storageClass,
    otherStorageClass: isOther ? storageClass : '',
    encryption: encryption?.kind ?? 'usual',
    encryptionKey: key ?? '',
  }
}

function newObjectsOf(form: DriveForm): Pick<Drive, 'storageClass' | 'encryption'> {
  const storageClass = form.storageClass === 'other' ? form.otherStorageClass.trim() : form.storageClass
  const keyId = form.encryptionKey.trim()
  const { encryption: kind } = form
  return {
    ...(storageClass === '' ? {} : { storageClass }),
    ...(kind === 'sse-s3' ? { encryption: { kind } } : {}),
    ...(kind === 'sse-kms' ? { encryption: { kind, ...(keyId === '' ? {} : { keyId }) } } : {}),
  }
}

function otherStorageClassError({ storageClass, otherStorageClass }: DriveForm): string | undefined {
  if (storageClass !== 'other') return undefined
  if (otherStorageClass.trim() === '') return t('drives.error.class')
  return storageClassSchema.safeParse(otherStorageClass.trim()).error?.issues[0]?.message
}

/** The usual patterns are not stored, so that a later version can know more of them. */
function localOnlyOf(text: string): Pick<Drive, 'localOnlyPatterns'> {
  const patterns = patternsFromText(text)
  return patterns.join('\n') === defaultLocalOnlyPatterns.join('\n') ? {} : { localOnlyPatterns: patterns }
}

function localOnlyError(text: string): string | undefined {
  for (const pattern of patternsFromText(text)) {
    const parsed = localOnlyPatternSchema.safeParse(pattern)
    if (!parsed.success) return `“${pattern}”: ${parsed.error.issues[0]?.message ?? 'not understood'}`
  }
  return undefined
}

function limitBytes(text: string): number | 'none' | 'invalid' {
  if (text.trim() === '') return 'none'
  const gigabytes = Number(text.replace(',', '.'))
  return Number.isFinite(gigabytes) && gigabytes >= 0.1 ? Math.round(gigabytes * gigabyte) : 'invalid'
}

export function driveFormErrors(form: DriveForm): DriveFormErrors {
  const errors: DriveFormErrors = {}
  const bucket = form.bucket.trim()
  if (form.accountId === '') errors.accountId = t('drives.error.account')
  if (bucket === '') errors.bucket = t('drives.error.bucket')
  else if (!/^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/.test(bucket)) errors.bucket = t('drives.error.bucket.name')
  if (form.mountpoint.trim() === '') errors.mountpoint = t('drives.error.mountpoint')
  else if (!/^(~?\/|[A-Za-z]:[\\/])/.test(form.mountpoint.trim()))
    errors.mountpoint = t('drives.error.mountpoint.whole')
  if (new TextEncoder().encode(prefixOf(form.folder)).length > 1024) errors.folder = t('drives.error.folder')
  if (limitBytes(form.cacheLimitGb) === 'invalid') errors.cacheLimitGb = t('drives.error.limit')
  const localOnly = localOnlyError(form.localOnly)
  if (localOnly !== undefined) errors.localOnly = localOnly
  const otherClass = otherStorageClassError(form)
  if (otherClass !== undefined) errors.otherStorageClass = otherClass
  return errors
}
