/** Runs `act` soon after it was asked for, and at most once each `intervalMs`. */
export function paced(intervalMs: number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined
      act()
    }, intervalMs)
  }
}
