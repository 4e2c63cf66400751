/** Long work that lets others go on: awaited between its steps, each of which has to be short. */
const mostMs = 4

/** Answers at once until it is time for others. */
export function takingTurns(): () => Promise<void> | undefined {
  let begunAtMs = performance.now()
  return () => {
    if (performance.now() - begunAtMs < mostMs) return undefined
    return new Promise((resolve) =>
      setImmediate(() => {
        begunAtMs = performance.now()
        resolve()
      }),
    )
  }
}
