/**
 * How long an endpoint may be silent before it counts as not there. Pure. A fast one is given little, so that a program learns soon
 * that the network is gone; one that has lately been slow is given what it needs.
 */

/** With this a program's read of bytes that are not here fails within 2 seconds of the network going. */
export const shortestPatienceMs = 1_800
export const longestPatienceMs = 15_000
const slowAnswersFit = 3
export const answersRemembered = 20
const shareBeforeProbe = 0.4

export type Patience = {
  /** After this much silence the endpoint is asked once more, on a socket of its own. */
  probeAfterMs: number
  /** After this much it counts as not there. */
  totalMs: number
}

/** `answersMs` is how long the latest answers took, in any order. One alone that was slow is not believed if there are more. */
export function patienceAfter(answersMs: readonly number[], leastMs = shortestPatienceMs): Patience {
  const slowestFirst = [...answersMs].sort((a, b) => b - a)
  const usuallySlowMs = slowestFirst[1] ?? slowestFirst[0] ?? 0
  const totalMs = Math.min(longestPatienceMs, Math.max(leastMs, slowAnswersFit * usuallySlowMs))
  return { probeAfterMs: Math.round(totalMs * shareBeforeProbe), totalMs }
}
