/**
 * Keeps the window's picture whole: events count up by one, and whatever does not follow is either old (dropped) or
 * shows that something was missed (a new snapshot). Pure, so that every order of arrival can be tested.
 */
export type Arrival = 'apply' | 'old' | 'gap'

export function judgeArrival(lastSequence: number, arrivedSequence: number): Arrival {
  if (arrivedSequence <= lastSequence) return 'old'
  return arrivedSequence === lastSequence + 1 ? 'apply' : 'gap'
}

/** What arrived while a snapshot was on its way: the part it does not include, in order, up to the next gap. */
export function replayable<M extends { sequence: number }>(lastSequence: number, held: readonly M[]) {
  const inOrder = [...held].sort((one, other) => one.sequence - other.sequence)
  const messages: M[] = []
  let sequence = lastSequence
  for (const message of inOrder) {
    const arrival = judgeArrival(sequence, message.sequence)
    if (arrival === 'old') continue
    if (arrival === 'gap') return { messages, hasGap: true }
    messages.push(message)
    sequence = message.sequence
  }
  return { messages, hasGap: false }
}
