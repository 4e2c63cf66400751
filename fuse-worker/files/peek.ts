/** The bytes of a file that is on this computer already, for the window to show: nothing is downloaded for it. */
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { KernelOperations } from '../fuse/kernel.ts'
import type { Node } from '../metadata/node.ts'
import { isWholeHere, type CachedContent } from '../sync/whole-content.ts'
import { fsProblem } from './fs-problem.ts'

export class Peek {
  readonly #operations: KernelOperations
  readonly #contents: CachedContent
  readonly #find: (path: string) => Promise<Node>

  constructor(options: {
    operations: KernelOperations
    contents: CachedContent
    /** Throws ProblemError. */
    find: (path: string) => Promise<Node>
  }) {
    this.#operations = options.operations
    this.#contents = options.contents
    this.#find = options.find
  }

  /** In base64; undefined where not all of it is here. Throws ProblemError, `file-too-large` where there is more than that. */
  async bytesOf(path: string, atMostBytes: number): Promise<string | undefined> {
    if ((await this.#sizeIfHere(path, atMostBytes)) === undefined) return undefined
    try {
      const handle = await this.#operations.open(`/${path}`, 0)
      try {
        // Opening may have shown that the bucket has another version, of which nothing is here.
        const size = await this.#sizeIfHere(path, atMostBytes)
        if (size === undefined) return undefined
        const buffer = Buffer.alloc(size)
        const read = await this.#operations.read(handle, buffer, 0)
        return buffer.subarray(0, read).toString('base64')
      } finally {
        await this.#operations.release(handle)
      }
    } catch (error) {
      throw error instanceof ProblemError ? error : new ProblemError(fsProblem(error, path), { cause: error })
    }
  }

  async #sizeIfHere(path: string, atMostBytes: number): Promise<number | undefined> {
    const node = await this.#find(path)
    if (node.kind !== 'file' || !isWholeHere(node, this.#contents)) return undefined
    if (node.size > atMostBytes)
      throw new ProblemError({ code: 'file-too-large', message: t('worker.too-large-to-show', { path }) })
    return node.size
  }
}
