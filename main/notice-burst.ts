/** One word for a burst: runs when nothing more came for a moment, or when it has gone on for long. */
export const quietMs = 3_000
export const longestBurstMs = 20_000

/** To be called at each thing that belongs to it. */
export function afterBurst(run: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let burstSince = 0
  return () => {
    const now = Date.now()
    burstSince ||= now
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        burstSince = 0
        run()
      },
      Math.max(0, Math.min(quietMs, burstSince + longestBurstMs - now)),
    )
  }
}
