/**
 * How far the heap of this process grows beyond what is in use before garbage is collected. Left alone, V8 lets it become several
 * times as large, which is right for one process that has the machine to itself, and not for one of several drives that are
 * idle most of the time. A hard limit would be the wrong tool: V8 ends a process that reaches it. Set here and not by whoever starts the
 * process, because a utility process takes no such arguments; Node and Electron both leave V8's flags open to this.
 */
import { setFlagsFromString } from 'node:v8'

/** Collected after growing by this much. */
const growthPercent = 40

/** Once, at the start. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
}
