/** How the service keeps what a drive writes, in words. */
import type { ObjectEncryption } from '../../../contracts/drive.ts'
import { t, type MessageKey } from '../../../language/language.ts'

type Words<T> = { label: T; detail: T }

/** Those that can be read at once; a service's own names are typed. */
const classes: Record<string, Words<MessageKey>> = {
  STANDARD: { label: 'drives.class.standard', detail: 'drives.class.standard.detail' },
  INTELLIGENT_TIERING: { label: 'drives.class.tiering', detail: 'drives.class.tiering.detail' },
  STANDARD_IA: { label: 'drives.class.infrequent', detail: 'drives.class.infrequent.detail' },
  ONEZONE_IA: { label: 'drives.class.one-zone', detail: 'drives.class.one-zone.detail' },
  GLACIER_IR: { label: 'drives.class.archive', detail: 'drives.class.archive.detail' },
}

const encryptions: Record<ObjectEncryption['kind'] | 'usual', Words<MessageKey>> = {
  usual: { label: 'drives.encryption.usual', detail: 'drives.encryption.usual.detail' },
  'sse-s3': { label: 'drives.encryption.sse-s3', detail: 'drives.encryption.sse-s3.detail' },
  'sse-kms': { label: 'drives.encryption.sse-kms', detail: 'drives.encryption.sse-kms.detail' },
}

export function isWellKnownClass(name: string): boolean {
  return name in classes
}

export function storageClassOptions(): ({ value: string } & Words<string>)[] {
  return Object.entries(classes).map(([value, keys]) => ({ value, ...inWords(keys) }))
}

export function encryptionInWords(kind: ObjectEncryption['kind'] | 'usual'): Words<string> {
  return inWords(encryptions[kind])
}

function inWords({ label, detail }: Words<MessageKey>): Words<string> {
  return { label: t(label), detail: t(detail) }
}
