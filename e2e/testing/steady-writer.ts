/**
 * Two programs on a drive until it is taken away: one saves file after file, the other goes on writing one long file. They
 * know what they were promised: of a closed file every byte, of one cut off the bytes up to its last `fsync`.
 */
import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import path from 'node:path'

type CutOff = { name: string; promised: Buffer }

const pieceBytes = 96 * 1024
const piecesOfAFile = 4

export class SteadyWriter {
  /** Content by name. */
  readonly saved = new Map<string, Buffer>()
  readonly cutOff: CutOff[] = []
  readonly #folder: string
  #isDying = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Resolves once the drive is gone. */
  async run(prefix: string): Promise<void> {
    this.#isDying = false
    const endless = this.#write(`${prefix}-long.bin`, Infinity)
    let number = 0
    do await this.#write(`${prefix}-${++number}.bin`, piecesOfAFile)
    while (this.#goesOn())
    await endless
  }

  /** Called at the moment of the kill: from here on calls may fail, and a file begun would land in the folder below the mount. */
  expectTheEnd(): void {
    this.#isDying = true
  }

  #goesOn(): boolean {
    return !this.#isDying
  }

  async #write(name: string, pieces: number): Promise<void> {
    const synced: Buffer[] = []
    try {
      const file = await open(path.join(this.#folder, name), 'wx')
      try {
        for (let piece = 0; piece < pieces; piece++) {
          const bytes = randomBytes(pieceBytes)
          await file.write(bytes)
          await file.sync()
          synced.push(bytes)
        }
      } finally {
        await file.close()
      }
      this.saved.set(name, Buffer.concat(synced))
    } catch (error) {
      if (!this.#isDying) throw error
      this.cutOff.push({ name, promised: Buffer.concat(synced) })
    }
  }
}
