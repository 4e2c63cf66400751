/**
 * How what this drive writes is kept by the service. Must hold: an object that has a storage class or a key of its own keeps it,
 * whoever gave it that, also where the server copies it; the drive's own choice is for what has none. A service's ordinary
 * encryption (AES256) is no such key: every object has it, and the bucket's present default is never weaker.
 */
import type { Drive } from '../../contracts/drive.ts'
import type { Node } from '../metadata/node.ts'
import type { ObjectAttributes } from '../s3/store.ts'
import { objectAttributesOf } from './attributes.ts'

export type NewObjects = Pick<Drive, 'storageClass' | 'encryption'>

const storageClassHeader = 'x-amz-storage-class'
export const encryptionHeader = 'x-amz-server-side-encryption'
const encryptionKeyHeader = 'x-amz-server-side-encryption-aws-kms-key-id'

/** What the object of this node is written with; `mark` as in `objectAttributesOf`. */
export function attributesToWrite(node: Node, mark: string, choice: NewObjects): ObjectAttributes {
  const own = objectAttributesOf(node, mark)
  // Folders and links are no bytes worth a class, and cheap classes bill a smallest size.
  const isNewFile = node.kind === 'file' && node.foreign === undefined
  if (!isNewFile || choice.storageClass === undefined) return withEncryption(own, choice)
  const systemHeaders = { ...own.systemHeaders, [storageClassHeader]: choice.storageClass }
  return withEncryption({ ...own, systemHeaders }, choice)
}

/** For what is written beside the nodes as well: a bucket may refuse what is not encrypted as it says. */
export function withEncryption(
  attributes: ObjectAttributes,
  { encryption }: Pick<NewObjects, 'encryption'>,
): ObjectAttributes {
  if (encryption === undefined || attributes.systemHeaders?.[encryptionHeader] !== undefined) return attributes
  const key = encryption.kind === 'sse-kms' ? encryption.keyId : undefined
  return {
    ...attributes,
    systemHeaders: {
      ...attributes.systemHeaders,
      [encryptionHeader]: encryption.kind === 'sse-kms' ? 'aws:kms' : 'AES256',
      ...(key === undefined ? {} : { [encryptionKeyHeader]: key }),
    },
  }
}

/** What an object was written with is its own from then on, whatever the drive's choice becomes. */
export function keepWritten(node: Node, { systemHeaders }: ObjectAttributes): void {
  const sent = Object.entries(systemHeaders ?? {})
  const own = sent.filter(([name, value]) => name !== encryptionHeader || value !== 'AES256')
  node.foreign = { ...node.foreign, ...(own.length === 0 ? {} : { systemHeaders: Object.fromEntries(own) }) }
}
