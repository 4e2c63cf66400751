/** Runs once the picture that is due now is drawn: what it shows nobody has to wait for. The result takes that back. */
export function afterPaint(run: () => void): () => void {
  let timer: number | undefined
  // A frame's callbacks come before it is painted, what is due at once after it.
  const frame = requestAnimationFrame(() => (timer = window.setTimeout(run)))
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}
