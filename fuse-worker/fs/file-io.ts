/**
 * Reading and writing the content of files. Whatever is in the cache is read and written synchronously; only bytes that have to come
 * from the bucket make a call wait.
 */
import { FsError } from '../fuse/kernel.ts'
import { orphanage, type Node, type NodeId } from '../metadata/node.ts'
import { chunkBytes, type Content } from '../cache/content-store.ts'
import { DamagedContent } from '../cache/damaged-content.ts'
import type { Source } from '../sync/downloads.ts'
import { mayServeStale } from '../sync/remote-view.ts'
import { asFsError } from './errors.ts'
import { closeDeadlineMs, within } from './deadlines.ts'
import type { Handle } from './handles.ts'
import { openWriteBackMs, writeBackMs, type Volume } from './volume.ts'

/** S3's own limit for one object. */
export const largestFileBytes = 5 * 1024 ** 4
const firstFetchBytes = 512 * 1024
const randomFetchBytes = 256 * 1024
const parallelReadAhead = 4

export type OpenMode = { isReadable: boolean; isWritable: boolean; truncates: boolean }

export class FileIo {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  open(id: NodeId, mode: OpenMode): number | Promise<number> {
    if (mode.isWritable) this.#volume.assertWritable()
    const node = this.#volume.node(id)
    if (node.kind === 'directory' && mode.isWritable) throw new FsError('EISDIR')
    if (node.parent === orphanage || this.#volume.parts.remote.isVersionFresh(node)) return this.#openNow(node, mode)
    return this.#openRevalidated(id, mode)
  }

  read(handleId: number, target: Buffer, offset: number): number | Promise<number> {
    const { contents, handles } = this.#volume.parts
    const handle = handles.get(handleId)
    const size = this.#sizeOf(handle)
    const end = Math.min(offset + target.length, size)
    if (offset >= end) return 0
    if (contents.missing(handle.content, offset, end).length > 0) return this.#readFetched(handle, target, offset, end)
    this.#noteRead(handle, offset, end, size)
    try {
      contents.read(handle.content, target, 0, offset, end)
    } catch (error) {
      if (error instanceof DamagedContent && error.kind === 'fetch again')
        return this.#readFetched(handle, target, offset, end)
      throw asFsError(error)
    }
    return end - offset
  }

  write(handleId: number, source: Buffer, offset: number): number {
    const { contents, handles } = this.#volume.parts
    const handle = handles.get(handleId)
    if (!handle.isWritable) throw new FsError('EBADF')
    const end = offset + source.length
    if (end > largestFileBytes) throw new FsError('EFBIG')
    const node = this.#volume.node(handle.node)
    this.#volume.beginContentChange(node)
    const content = this.#volume.contentOf(node)
    if (offset > node.size) contents.writeZeros(content, node.size, offset)
    contents.write(content, source, offset)
    node.size = Math.max(node.size, end)
    node.mtimeMs = this.#volume.now
    node.ctimeMs = node.mtimeMs
    this.#volume.noteAhead(node)
    return source.length
  }

  truncate(id: NodeId, size: number): void | Promise<void> {
    this.#volume.assertWritable()
    if (size > largestFileBytes) throw new FsError('EFBIG')
    const node = this.#volume.node(id)
    if (node.kind === 'directory') throw new FsError('EISDIR')
    if (size === 0 || this.#volume.parts.remote.isVersionFresh(node)) {
      this.#truncateNow(node, size)
      return
    }
    return this.#revalidate(id).then(() => this.#truncateNow(this.#volume.node(id), size))
  }

  /** The program's `close`: what it wrote survives this process when this returns. */
  flush(handleId: number): void | Promise<void> {
    const { handles, options } = this.#volume.parts
    const { node, isWritable } = handles.get(handleId)
    if (!isWritable) return
    if (this.#volume.isAhead(node) || this.#volume.parts.journal.queuedPutOf(node) !== undefined) {
      this.#volume.persist(node, this.#volume.now + writeBackMs)
    }
    if (options.isStrict) return this.#inBucket(node)
  }

  /** What was written survives power loss when this returns: the bytes first, then the record of them. */
  async fsync(handleId: number): Promise<void> {
    const { handles, contents, database, options } = this.#volume.parts
    const { node, content, isWritable } = handles.get(handleId)
    await contents.sync(content)
    if (isWritable) this.#volume.persist(node, this.#volume.now + writeBackMs)
    await database.makeDurable()
    if (options.isStrict && isWritable) await this.#inBucket(node)
  }

  release(handleId: number): void {
    const { handles, contents, nodes, database } = this.#volume.parts
    const handle = handles.close(handleId)
    const node = nodes.get(handle.node)
    if (node !== undefined && this.#volume.isAhead(node.id))
      this.#volume.persist(node.id, this.#volume.now + writeBackMs)
    const isCurrent = node?.content === handle.content.id
    if (node?.parent === orphanage && !handles.isOpen(node.id)) {
      this.#volume.forgetAhead(node.id)
      database.transaction(() => {
        contents.removeRows(handle.content)
        nodes.remove(node)
      })
      contents.removeFiles(handle.content)
    } else if (!isCurrent && !handles.holds(handle.content.id)) contents.removeFiles(handle.content)
    else if (!handles.holds(handle.content.id)) contents.settle(handle.content)
  }

  #openNow(node: Node, mode: OpenMode): number {
    if (node.kind !== 'file') throw new FsError(node.kind === 'symlink' ? 'ESTALE' : 'EISDIR')
    if (mode.truncates && mode.isWritable) this.#truncateNow(node, 0)
    const content = this.#volume.contentOf(node)
    this.#volume.parts.contents.opened(content)
    const handle = this.#volume.parts.handles.open({
      node: node.id,
      content,
      isReadable: mode.isReadable,
      isWritable: mode.isWritable,
      source: this.#volume.sourceOf(node),
      nextRead: 0,
      fetchBytes: firstFetchBytes,
    })
    return handle.id
  }

  async #openRevalidated(id: NodeId, mode: OpenMode): Promise<number> {
    await this.#revalidate(id)
    return this.#openNow(this.#volume.node(id), mode)
  }

  async #revalidate(id: NodeId): Promise<void> {
    try {
      await this.#volume.within('open', this.#volume.parts.remote.revalidate(id))
    } catch (error) {
      if (!mayServeStale(error)) throw asFsError(error)
    }
  }

  #truncateNow(node: Node, size: number): void {
    const { contents, database } = this.#volume.parts
    const content = this.#volume.contentOf(node)
    if (this.#volume.isAhead(node.id)) this.#volume.persist(node.id, this.#volume.now + openWriteBackMs)
    try {
      database.transaction(() => this.#resize(node, content, size))
    } catch (error) {
      contents.reload(content)
      throw error
    }
    // Only now, with the rows committed, may the bytes go.
    contents.trim(content)
  }

  #resize(node: Node, content: Content, size: number): void {
    const { contents, nodes } = this.#volume.parts
    if (size !== node.size) this.#volume.beginContentChange(node)
    if (size < node.size) contents.truncate(content, size)
    else contents.writeZeros(content, node.size, size)
    node.size = size
    node.baseSize = content.baseSize
    node.mtimeMs = this.#volume.now
    node.ctimeMs = node.mtimeMs
    contents.save(content, { seals: true })
    nodes.save(node)
    this.#volume.wishPut(node, this.#volume.now + this.#delayFor(node.id))
  }

  #delayFor(node: NodeId): number {
    return this.#volume.parts.handles.isOpenForWriting(node) ? openWriteBackMs : writeBackMs
  }

  async #inBucket(node: NodeId): Promise<void> {
    try {
      const { clock, nodes, options, uploadNow } = this.#volume.parts
      const deadlineMs = closeDeadlineMs(nodes.get(node)?.size ?? 0, options.platform)
      await within(clock, deadlineMs, uploadNow(node))
    } catch (error) {
      throw asFsError(error)
    }
  }

  #sizeOf(handle: Handle): number {
    const node = this.#volume.parts.nodes.get(handle.node)
    // A clean file may move on to another version; this handle stays with the one it opened.
    if (node === undefined || node.content !== handle.content.id) return handle.content.baseSize
    return node.size
  }

  #source(handle: Handle): () => Source {
    return () => {
      const node = this.#volume.parts.nodes.get(handle.node)
      const current = node !== undefined && node.content === handle.content.id ? this.#volume.sourceOf(node) : undefined
      const source = current ?? handle.source
      if (source === undefined) throw new FsError('EIO', 'bytes that are neither here nor in the bucket')
      return source
    }
  }

  async #readFetched(handle: Handle, target: Buffer, offset: number, end: number): Promise<number> {
    const { contents, downloads } = this.#volume.parts
    const size = this.#sizeOf(handle)
    const isSequential = offset === handle.nextRead
    if (!isSequential) handle.fetchBytes = randomFetchBytes
    const range = { start: offset, end, fetchBytes: handle.fetchBytes }
    let isAwaited = true
    const answer = downloads.deliver(handle.content, this.#source(handle), range, (bytes) => {
      // The file may have been cut while the bytes were under way, and past its deadline the kernel has its buffer back.
      const endNow = Math.min(end, this.#sizeOf(handle))
      if (offset >= endNow || !isAwaited) return 0
      if (bytes !== 'in the cache') return bytes.copy(target, 0, 0, endNow - offset)
      this.#noteRead(handle, offset, end, size)
      contents.read(handle.content, target, 0, offset, endNow)
      return endNow - offset
    })
    try {
      return await this.#volume.within('read', answer)
    } catch (error) {
      void this.#volume.parts.remote.revalidate(handle.node).catch(() => undefined)
      throw asFsError(error)
    } finally {
      isAwaited = false
    }
  }

  #noteSeen({ node: id, content }: Handle): void {
    const node = this.#volume.parts.nodes.get(id)
    if (node?.remote === undefined || node.content !== content.id) return
    this.#volume.parts.unread.forget(node.remote.key, node.remote.etag)
  }

  /** A reader that goes on where it stopped gets more each time, and the next chunks before it asks. */
  #noteRead(handle: Handle, offset: number, end: number, size: number): void {
    const isSequential = offset === handle.nextRead
    handle.nextRead = end
    if (!this.#volume.parts.unread.isEmpty) this.#noteSeen(handle)
    if (!isSequential) return
    if (handle.fetchBytes < chunkBytes) {
      handle.fetchBytes = Math.min(handle.fetchBytes * 2, chunkBytes)
      return
    }
    const horizon = Math.min(size, handle.content.baseSize, end + this.#volume.parts.contents.space.readAheadBytes)
    this.#volume.parts.downloads.readAhead(handle.content, this.#source(handle), end, horizon, parallelReadAhead)
  }
}
