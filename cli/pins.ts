/** `cloudmount pin`, `unpin` and `pins`: what is kept on this computer of the drives mounted with this command. */
import { relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { pinSchema, type Pin } from '../contracts/pin.ts'
import { ProblemError } from '../contracts/problem.ts'
import { askControl } from './control-socket.ts'
import { exitCodes } from './exit-codes.ts'
import { pinDeadlineMs } from './hold-mount.ts'
import { entries, type MountEntry } from './mount-registry.ts'

const answerSchema = z.object({ pins: z.array(pinSchema) })

export async function pin(paths: readonly string[]): Promise<number> {
  return each(paths, 'pin')
}

export async function unpin(paths: readonly string[]): Promise<number> {
  return each(paths, 'unpin')
}

export async function pins(directory: string | undefined, options: { json?: boolean }): Promise<number> {
  const wanted = directory === undefined ? entries() : [driveOf(resolve(directory))]
  const rows: (Pin & { mountpoint: string })[] = []
  for (const { socket, mountpoint } of wanted) {
    const answer = answerSchema.parse(await askControl(socket, { name: 'pins' }, pinDeadlineMs))
    rows.push(...answer.pins.map((one) => ({ ...one, mountpoint })))
  }
  if (options.json === true) process.stdout.write(JSON.stringify({ pins: rows }, undefined, 2) + '\n')
  else if (rows.length === 0) process.stdout.write('Nothing is kept offline. Keep something: cloudmount pin PATH\n')
  else for (const row of rows) process.stdout.write(describe(row) + '\n')
  return exitCodes.done
}

async function each(paths: readonly string[], name: 'pin' | 'unpin'): Promise<number> {
  for (const path of paths) {
    const { socket, mountpoint } = driveOf(resolve(path))
    await askControl(socket, { name, path: relative(mountpoint, resolve(path)) }, pinDeadlineMs)
  }
  return exitCodes.done
}

/** By the words of the path alone: looking at it would ask the drive, which may be waiting for its network. */
export function driveOf(path: string, elsewhere = 'have “Keep offline…” in its window'): MountEntry {
  const entry = entries().find(({ mountpoint }) => path === mountpoint || path.startsWith(mountpoint + sep))
  if (entry !== undefined) return entry
  throw new ProblemError({
    code: 'not-found',
    message: `${path} is not on a drive mounted with this command.`,
    remedy: `See cloudmount status; drives of the application ${elsewhere}.`,
  })
}

function describe({
  mountpoint,
  path,
  status,
  files,
  readyFiles,
  sizeBytes,
  readyBytes,
}: Pin & { mountpoint: string }) {
  const place = path === '' ? mountpoint : `${mountpoint}/${path}`
  const amount = `${readyFiles} of ${files} files, ${readyBytes} of ${sizeBytes} bytes`
  if (status.state === 'ready')
    return `${place}  ready (${files} ${files === 1 ? 'file' : 'files'}, ${sizeBytes} bytes)`
  if (status.state === 'fetching') return `${place}  fetching: ${amount}`
  return `${place}  ${status.state}: ${amount}; ${status.problem.message}`
}
