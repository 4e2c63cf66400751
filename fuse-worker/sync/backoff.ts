/** How long to wait before trying again: full jitter between nothing and a ceiling that doubles from 50 ms to 5 minutes. Pure. */
const firstCeilingMs = 50
const lastCeilingMs = 5 * 60_000

/** `attempts` is how many have failed, at least 1; `random` is in [0, 1). */
export function retryDelayMs(attempts: number, random: number): number {
  const ceilingMs = Math.min(lastCeilingMs, firstCeilingMs * 2 ** Math.min(attempts - 1, 30))
  return Math.ceil(random * ceilingMs)
}
