/** Tells whether the machine was started anew since a word was noted: what a process wrote survives its death, not a loss of power. */
import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

const roundingMs = 60_000

/** Two equal words: the same run of the machine. The reverse need not hold where the system does not number its runs. */
export function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `since ${Math.round((Date.now() - uptime() * 1000) / roundingMs)}`
  }
}
