/** Maps and sets that are replaced instead of changed, as state that is compared by identity wants them. */
export function noEntries<K, V>(): ReadonlyMap<K, V> {
  return new Map()
}

export function withEntry<K, V>(entries: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(entries).set(key, value)
}

export function withoutEntry<K, V>(entries: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  return new Map([...entries].filter(([other]) => other !== key))
}

export function entriesOf<T, K, V>(all: readonly T[], entryOf: (one: T) => readonly [K, V]): ReadonlyMap<K, V> {
  return new Map(all.map(entryOf))
}

export function withToggled<T>(all: ReadonlySet<T>, one: T): ReadonlySet<T> {
  return new Set(all.has(one) ? [...all].filter((other) => other !== one) : [...all, one])
}
