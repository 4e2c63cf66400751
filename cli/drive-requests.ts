/** Asking the worker of a drive that another `cloudmount` holds. */
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { ProblemError } from '../contracts/problem.ts'
import { workerRequests, type WorkerParams, type WorkerResult } from '../contracts/worker-protocol.ts'
import { askControl, type AskedName } from './control-socket.ts'
import { entries, type MountEntry } from './mount-registry.ts'

/** The drive mounted on this very folder. */
export function mountAt(directory: string): MountEntry {
  const mountpoint = resolve(directory)
  const entry = entries().find((known) => known.mountpoint === mountpoint)
  if (entry !== undefined) return entry
  throw new ProblemError({
    code: 'not-found',
    message: `${mountpoint} is not a drive mounted with this command.`,
    remedy: 'See cloudmount status; drives of the application are asked in its window.',
  })
}

/** A path inside the drive, given as one, or as the whole path of this computer. By the words alone: nothing is looked up. */
export function pathOn({ mountpoint }: MountEntry, path: string): string {
  const within = isAbsolute(path) ? relative(mountpoint, resolve(path)) : relative('/', resolve('/', path))
  if (within !== '..' && !within.startsWith(`..${sep}`)) return within
  throw new ProblemError({
    code: 'invalid-input',
    message: `${path} is not on ${mountpoint}.`,
    remedy: 'Give a path inside the drive.',
  })
}

/** Throws ProblemError. */
export async function askDrive<N extends AskedName>(
  { socket }: MountEntry,
  request: N,
  params: WorkerParams<N>,
  deadlineMs: number,
): Promise<WorkerResult<N>> {
  const answer = await askControl(socket, { name: 'ask', request, params, deadlineMs }, deadlineMs + 10_000)
  return workerRequests[request].result.parse(answer) as WorkerResult<N>
}
