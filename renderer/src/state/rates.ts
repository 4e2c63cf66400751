/** How fast a drive was in the last minute: one sample a second, none where nothing moved at all. Pure. */
export type RateSample = { up: number; down: number }
export type RateHistory = readonly RateSample[]

export const historySeconds = 60

/** Who compares by identity sees another history only where another one is to be drawn. */
export const idleHistory: RateHistory = []

export function withSample(history: RateHistory, { up, down }: RateSample): RateHistory {
  const next = [...history, { up, down }].slice(-historySeconds)
  return next.some((sample) => sample.up > 0 || sample.down > 0) ? next : idleHistory
}

/** The fastest of either way. */
export function peakOf(history: RateHistory): RateSample {
  return {
    up: Math.max(0, ...history.map(({ up }) => up)),
    down: Math.max(0, ...history.map(({ down }) => down)),
  }
}

/** As an area on a base line: the newest at the right edge, towards `height` (negative: below the line) at `peak`. */
export function areaPath(values: readonly number[], box: { width: number; height: number; peak: number }): string {
  const { width, height, peak } = box
  if (!values.some((value) => value > 0)) return ''
  const step = width / (historySeconds - 1)
  const first = width - (values.length - 1) * step
  const xOf = (index: number): string => short(first + index * step)
  const points = values.map((value, index) => `L${xOf(index)} ${short(-(Math.min(value, peak) / peak) * height)}`)
  return `M${xOf(0)} 0${points.join('')}L${xOf(values.length - 1)} 0Z`
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10 + 0)
}
