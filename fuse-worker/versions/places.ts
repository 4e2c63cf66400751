/**
 * Which key the history of a path is under, and which path a key is shown as. A file that is there is asked by its node,
 * because a renamed folder's objects may still be on their way; one that was deleted goes by its place in the tree.
 */
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { nameFromSegment, segmentFromName, splitKey, twinName, type NamePlatform } from '../s3/names.ts'
import type { ObjectStore, VersionMarker } from '../s3/store.ts'

export type Place = { path: string; key: string; node: NodeId | undefined }

/** How many pages are looked through for the key behind a name that cannot be turned back into it. */
const mostSearchedPages = 20

export class VersionPlaces {
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #store: ObjectStore
  readonly #platform: NamePlatform
  readonly #find: (path: string) => Promise<Node>

  constructor(options: {
    nodes: Nodes
    keys: NodeKeys
    store: ObjectStore
    platform: NamePlatform
    /** Throws ProblemError, `not-found` where there is nothing. */
    find: (path: string) => Promise<Node>
  }) {
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#store = options.store
    this.#platform = options.platform
    this.#find = options.find
  }

  /** Of a file, there or deleted. */
  async of(path: string): Promise<Place> {
    const node = await this.#found(path)
    if (node === undefined) {
      const names = namesOf(path)
      const name = names.pop() ?? ''
      const prefix = await this.#prefixOf(names, path)
      return { path, key: prefix + (await this.#segment(prefix, name, path)), node: undefined }
    }
    if (node.kind === 'directory')
      throw noHistory(path, t('worker.history-folder', { path }), t('worker.history-folder.remedy'))
    const key = node.remote?.key ?? this.#keys.of(node)
    if (node.isLocalOnly || key === undefined) throw noHistory(path, t('worker.history-local', { path }))
    return { path, key, node: node.id }
  }

  /** What the keys in a folder begin with, there or deleted. */
  async prefixOf(path: string): Promise<string> {
    const node = await this.#found(path)
    if (node === undefined) return this.#prefixOf(namesOf(path), path)
    if (node.kind !== 'directory')
      throw noHistory(path, t('worker.history-file', { path }), t('worker.history-file.remedy'))
    return this.#keys.ofChildren(node)
  }

  /** Undefined for a key outside the drive. */
  pathOf(key: string): string | undefined {
    const segments = splitKey(this.#keys.prefix, key)
    if (segments === undefined) return undefined
    const last = segments.length - 1
    let folder: Node | undefined = this.#nodes.get(rootId)
    const names = segments.map((segment, index) => {
      const name = nameFromSegment(segment, this.#platform)
      const known = this.#folderIn(folder, name)
      folder = known
      return index === last && known !== undefined ? twinName(segment, this.#platform) : name
    })
    return names.join('/')
  }

  /** Throws ProblemError when no key below the folder can have this name. */
  segmentIn(folder: Node, name: string, path: string): Promise<string> {
    return this.#segment(this.#keys.ofChildren(folder), name, path)
  }

  async #found(path: string): Promise<Node | undefined> {
    try {
      return await this.#find(path)
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'not-found') return undefined
      throw error
    }
  }

  #folderIn(parent: Node | undefined, name: string): Node | undefined {
    const child = parent === undefined ? undefined : this.#nodes.child(parent.id, name)
    return child?.kind === 'directory' ? child : undefined
  }

  async #prefixOf(names: readonly string[], path: string): Promise<string> {
    let folder = this.#nodes.get(rootId)
    let prefix = this.#keys.prefix
    for (const name of names) {
      folder = this.#folderIn(folder, name)
      prefix =
        folder === undefined ? `${prefix}${await this.#segment(prefix, name, path)}/` : this.#keys.ofChildren(folder)
    }
    return prefix
  }

  async #segment(prefix: string, name: string, path: string): Promise<string> {
    const decoded = segmentFromName(name, this.#platform)
    if (decoded.ok) return decoded.segment
    const found = decoded.reason === 'undecodable-name' ? await this.#search(prefix, name) : undefined
    if (found !== undefined) return found
    throw new ProblemError({ code: 'not-found', message: t('worker.history-unknown', { path }) })
  }

  /** Only a listing tells which key a shortened name stands for. */
  async #search(prefix: string, name: string): Promise<string | undefined> {
    const beginning = prefix + (/^[^\u27E6]*/.exec(name)?.[0] ?? '')
    let after: VersionMarker | undefined
    for (let pages = 0; pages < mostSearchedPages; pages++) {
      const page = await this.#store.listVersions({ prefix: beginning, ...(after === undefined ? {} : { after }) })
      for (const { key } of page.versions) {
        const [segment = ''] = key.slice(prefix.length).split('/')
        if (nameFromSegment(segment, this.#platform) === name || twinName(segment, this.#platform) === name)
          return segment
      }
      if (page.next === undefined) return undefined
      after = page.next
    }
    return undefined
  }
}

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '')

function noHistory(path: string, told: string, remedy?: string): ProblemError {
  const message = path === '' ? t('worker.history-drive') : told
  return new ProblemError({ code: 'invalid-input', message, ...(remedy === undefined ? {} : { remedy }) })
}
