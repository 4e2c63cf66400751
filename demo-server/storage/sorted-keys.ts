/** Keys in the order of their UTF-8 bytes, as S3 lists them. JavaScript's own order differs beyond U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for characters above U+FFFF, so they come after U+E000 to U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

export class SortedKeys {
  #keys: string[] = []

  get length(): number {
    return this.#keys.length
  }

  at(index: number): string | undefined {
    return this.#keys[index]
  }

  /** Does nothing when the key is there. */
  add(key: string): void {
    const index = this.indexFrom(key)
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key)
  }

  /** Many at once, none of them there yet. */
  addAll(keys: Iterable<string>): void {
    this.#keys = [...this.#keys, ...keys].sort(compareUtf8)
  }

  delete(key: string): void {
    const index = this.indexFrom(key)
    if (this.#keys[index] === key) this.#keys.splice(index, 1)
  }

  /** Of the first key that is not before `bound`. */
  indexFrom(bound: string): number {
    return this.#search((key) => compareUtf8(key, bound) >= 0)
  }

  /** Of the first key after `bound`. */
  indexAfter(bound: string): number {
    return this.#search((key) => compareUtf8(key, bound) > 0)
  }

  /** Of the first key behind all that begin with `prefix`. */
  indexPast(prefix: string): number {
    return this.#search((key) => compareUtf8(key, prefix) > 0 && !key.startsWith(prefix))
  }

  /** The first index for which `isPast` holds; it must hold for all later ones. */
  #search(isPast: (key: string) => boolean): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isPast(this.#keys[middle] as string)) high = middle
      else low = middle + 1
    }
    return low
  }
}
