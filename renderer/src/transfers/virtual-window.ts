/** Which rows of a long list are worth drawing. Rows have one height, so it is arithmetic. */
export type ListWindow = { first: number; last: number; offsetPx: number; totalPx: number }

export function windowOf(options: {
  rowCount: number
  rowPx: number
  scrollPx: number
  viewPx: number
  /** Rows drawn beyond each edge, so that a fast scroll shows no gap. */
  margin: number
}): ListWindow {
  const { rowCount, rowPx, viewPx, margin } = options
  const totalPx = rowCount * rowPx
  const scrollPx = Math.max(0, Math.min(options.scrollPx, totalPx - viewPx))
  const first = Math.max(0, Math.floor(scrollPx / rowPx) - margin)
  const last = Math.min(rowCount, Math.ceil((scrollPx + viewPx) / rowPx) + margin)
  return { first, last, offsetPx: first * rowPx, totalPx }
}
