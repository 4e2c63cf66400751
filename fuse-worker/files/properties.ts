/** All there is to say of one file: what this drive knows, and what the bucket answers about its object now. */
import type { FileObject, FileProperties } from '../../contracts/file.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { StoreError, type ObjectHead, type ObjectStore } from '../s3/store.ts'
import type { Entries } from './entries.ts'

const patienceMs = 10_000

export class Properties {
  readonly #store: ObjectStore
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #entries: Entries
  readonly #find: (path: string) => Promise<Node>

  constructor(options: {
    store: ObjectStore
    nodes: Nodes
    keys: NodeKeys
    entries: Entries
    /** Throws ProblemError. */
    find: (path: string) => Promise<Node>
  }) {
    this.#store = options.store
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#entries = options.entries
    this.#find = options.find
  }

  async of(path: string): Promise<FileProperties> {
    const { id } = await this.#find(path)
    const bucket = await this.#bucketOf(id)
    const [row] = this.#entries.of([id])
    if (row === undefined)
      throw new ProblemError({ code: 'not-found', message: t('worker.deleted-meanwhile', { path }) })
    return { path, entry: row.entry, bucket }
  }

  async #bucketOf(id: NodeId): Promise<FileProperties['bucket']> {
    const node = this.#nodes.require(id)
    const key = node.remote?.key ?? this.#keys.of(node)
    if (key === undefined || node.isLocalOnly) return { state: 'absent' }
    try {
      const head = await this.#store.head(key, { signal: AbortSignal.timeout(patienceMs) })
      return head === undefined ? { state: 'absent', key } : { state: 'there', object: objectOf(key, head) }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const known = knownObject(this.#nodes.get(id))
      return { state: 'unreachable', problem: error.problem, ...(known === undefined ? {} : { known }) }
    }
  }
}

function objectOf(key: string, head: ObjectHead): FileObject {
  const { etag, versionId, sizeBytes, lastModifiedMs: modifiedAt, contentType, metadata, systemHeaders } = head
  const storageClass = systemHeaders['x-amz-storage-class']
  const encryption = systemHeaders['x-amz-server-side-encryption']
  return {
    ...{ key, etag, sizeBytes, modifiedAt, metadata },
    ...(versionId === undefined ? {} : { versionId }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(encryption === undefined ? {} : { encryption }),
  }
}

function knownObject(node: Node | undefined): FileObject | undefined {
  if (node?.remote === undefined) return undefined
  const { remote, foreign } = node
  const { key, etag, versionId, sizeBytes } = remote
  return {
    ...{ key, etag, sizeBytes, metadata: foreign?.metadata ?? {} },
    ...(versionId === undefined ? {} : { versionId }),
    ...(foreign?.contentType === undefined ? {} : { contentType: foreign.contentType }),
  }
}
