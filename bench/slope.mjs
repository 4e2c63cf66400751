/**
 * Whether resident memory grows. Garbage collection moves it up and down by tens of MB, so a line through all samples says more about where
 * in that swing the run began and ended than about growth. What leaks raises the lowest points too: the line is laid through the
 * lowest sample of each stretch, over the second half (the first fills caches that have a limit), and its standard error is told
 * with it: a slope within twice that is no slope.
 */
import fs from 'node:fs/promises'

const stretches = 20

/** Of another process, in MB. */
export async function residentMb(pid) {
  const status = await fs.readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}

/** `samples`: [seconds, MB], in order of time. */
export function slopeOf(samples) {
  const settled = samples.slice(Math.floor(samples.length / 2))
  const { perSecond, errorPerSecond } = line(lowest(settled))
  const megabytes = settled.map(([, mb]) => mb)
  return {
    perHour: perSecond * 3600,
    errorPerHour: errorPerSecond * 3600,
    lowestMb: Math.min(...megabytes),
    highestMb: Math.max(...megabytes),
  }
}

export function slopeText(samples) {
  if (samples.length < 4) return 'too short for a slope'
  const { perHour, errorPerHour, lowestMb, highestMb } = slopeOf(samples)
  const swing = `${lowestMb.toFixed(0)} to ${highestMb.toFixed(0)} MB between collections`
  return `slope of the second half: ${perHour.toFixed(1)} ± ${errorPerHour.toFixed(1)} MB an hour (standard error; ${swing})`
}

function lowest(samples) {
  const first = samples[0][0]
  const span = samples.at(-1)[0] - first || 1
  const found = new Map()
  for (const [seconds, mb] of samples) {
    const stretch = Math.min(stretches - 1, Math.floor(((seconds - first) / span) * stretches))
    if ((found.get(stretch)?.[1] ?? Infinity) > mb) found.set(stretch, [seconds, mb])
  }
  return [...found.values()]
}

/** Least squares. */
function line(points) {
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (spread === 0 || points.length < 3) return { perSecond: 0, errorPerSecond: 0 }
  const perSecond = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - perSecond * (x - meanX)) ** 2, 0)
  return { perSecond, errorPerSecond: Math.sqrt(residual / (points.length - 2) / spread) }
}
