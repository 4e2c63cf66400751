/** How serious a state is: it picks the colour, and the words never rely on the colour. */
export type Tone = 'neutral' | 'good' | 'active' | 'warning' | 'danger'

/** The icons a state can carry; `Icon` in controls draws them. */
export type StateIcon =
  | 'idle'
  | 'check'
  | 'sync'
  | 'offline'
  | 'restart'
  | 'attention'
  | 'error'
  | 'busy'
  | 'pause'
  | 'clock'
  | 'conflict'
  | 'cancelled'
  | 'cloud'
  | 'pin'
  | 'computer'

export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`)
}
