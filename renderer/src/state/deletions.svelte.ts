/**
 * Deletions that can still be taken back. They are held in this window and nowhere else: when it is closed, or the application quits,
 * within these seconds, the files stay as they are.
 */
import { setOf, withoutPaths } from './file-rows.ts'

export const heldMs = 8_000

type Held = { driveId: string; paths: ReadonlySet<string> }

export class Deletions {
  #held = $state.raw<readonly Held[]>([])

  /** Whether it goes soon, by itself or with a folder that it is in. */
  isHeld(driveId: string, path: string): boolean {
    return this.#held.some((held) => held.driveId === driveId && withoutPaths([path], held.paths).length === 0)
  }

  /** Answers what takes them back; that answers false when it is too late. */
  hold(driveId: string, paths: readonly string[], carryOut: () => void): () => boolean {
    const held: Held = { driveId, paths: setOf(paths) }
    const release = (): boolean => {
      const isThere = this.#held.includes(held)
      this.#held = this.#held.filter((one) => one !== held)
      return isThere
    }
    const timer = setTimeout(() => release() && carryOut(), heldMs)
    this.#held = [...this.#held, held]
    return () => {
      clearTimeout(timer)
      return release()
    }
  }
}
