/** The checksums of one chunk's blocks, and how far each can be relied on. Data; integrity.ts says what they mean. */
export const blockBytes = 64 * 1024

/** `unsummed` was written since; `recorded` is what the row says and nobody has compared since it was read. */
type BlockState = 'unsummed' | 'recorded' | 'checked'

export class BlockSums {
  /** Its damage was logged. */
  isReported = false
  readonly states: BlockState[] = []
  readonly sums: number[] = []

  /** As stored in a row; blocks past its end have no sum. */
  static parse(bytes: Uint8Array): BlockSums {
    const parsed = new BlockSums()
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let block = 0; block * 4 < bytes.length; block++) {
      parsed.sums.push(view.getUint32(block * 4, true))
      parsed.states.push('recorded')
    }
    return parsed
  }

  serialize(blockCount: number): Uint8Array {
    const bytes = new Uint8Array(blockCount * 4)
    const view = new DataView(bytes.buffer)
    for (let block = 0; block < blockCount; block++) view.setUint32(block * 4, this.sums[block] ?? 0, true)
    return bytes
  }

  state(block: number): BlockState {
    return this.states[block] ?? 'unsummed'
  }

  set(block: number, sum: number): void {
    while (this.states.length < block) {
      this.states.push('unsummed')
      this.sums.push(0)
    }
    this.states[block] = 'checked'
    this.sums[block] = sum
  }

  drop(block: number): void {
    if (block < this.states.length) this.states[block] = 'unsummed'
  }
}
