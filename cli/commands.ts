/** What each command does; returns the exit code. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ProblemError } from '../contracts/problem.ts'
import { driveStatusSchema, type DriveStatus } from '../contracts/drive.ts'
import { pauseInWords } from '../contracts/pause.ts'
import { estimateInWords, estimateUpload, outcomeInWords, pendingInWords } from '../contracts/upload-estimate.ts'
import { z } from 'zod'
import {
  cacheDirectoryFor,
  accountFrom,
  driveFrom,
  parseLocation,
  type AccountOptions,
  type MountOptions,
} from './target.ts'
import { askControl } from './control-socket.ts'
import { exitCodes } from './exit-codes.ts'
import { holdMount } from './hold-mount.ts'
import { listBuckets, listLocation } from './list.ts'
import { entries, isAlive, logPathFor, unregister, type MountEntry } from './mount-registry.ts'
import { reportFailure } from './print-problem.ts'
import { showProgress } from './show-progress.ts'
import { unmountChoice } from './unmount-choice.ts'
import { clearStaleMount } from '../fuse-worker/fuse/mountpoint.ts'

const waitForMountMs = 120_000
const statusDeadlineMs = 5_000

export async function mount(
  location: string,
  directory: string,
  options: MountOptions & { foreground?: boolean },
): Promise<number> {
  const account = accountFrom(options)
  const place = parseLocation(location)
  const drive = driveFrom(place, directory, options)
  const cacheDirectory = options.cache === undefined ? cacheDirectoryFor(account, place) : resolve(options.cache)
  if (options.foreground !== true) return mountBehind(drive.mountpoint)
  return holdMount({
    drive,
    account,
    cacheDirectory,
    allowOther: options.allowOther,
    onMounted: () => {
      process.stdout.write(`s3://${place.bucket}/${place.prefix} is mounted on ${drive.mountpoint}\n`)
      process.send?.({ mounted: true })
    },
  })
}

/** The same command again, in a process of its own that outlives the terminal; this one waits until the drive is there. */
async function mountBehind(mountpoint: string): Promise<number> {
  const logPath = logPathFor(mountpoint)
  const log = openSync(logPath, 'w', 0o600)
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...process.argv.slice(2), '--foreground'], {
    detached: true,
    stdio: ['ignore', 'ignore', log, 'ipc'],
  })
  const code = await new Promise<number>((done) => {
    const late = setTimeout(() => done(exitCodes.failed), waitForMountMs)
    child.on('message', () => done(exitCodes.done))
    child.on('exit', (ended) => done(ended ?? exitCodes.failed))
    child.on('close', () => clearTimeout(late))
  })
  closeSync(log)
  process.stderr.write(readFileSync(logPath, 'utf8'))
  if (code === exitCodes.done) process.stdout.write(`mounted on ${mountpoint}\n`)
  if (child.connected) child.disconnect()
  child.unref()
  return code
}

export async function unmount(
  directory: string,
  options: { wait?: string | true; leave?: boolean; force?: boolean },
): Promise<number> {
  const how = unmountChoice(options)
  const mountpoint = resolve(directory)
  const entry = entries().find((known) => known.mountpoint === mountpoint)
  if (entry === undefined || !isAlive(entry.pid)) return unmountLeftover(mountpoint, entry)
  const asked = askControl(
    entry.socket,
    { name: 'unmount', ...how, isForced: options.force === true },
    how.deadlineMs + 60_000,
  )
  const progress = how.pending === 'wait' ? showProgress(() => statusOf(entry)) : undefined
  const answer = await asked.finally(() => progress?.end())
  const left = z.object({ pendingOperations: z.number(), unsyncedBytes: z.number() }).parse(answer)
  process.stderr.write(`cloudmount: ${mountpoint} is unmounted. ${outcomeInWords(left)}\n`)
  return left.pendingOperations === 0 ? exitCodes.done : exitCodes.pendingLeft
}

async function unmountLeftover(mountpoint: string, entry: MountEntry | undefined): Promise<number> {
  const wasCleared = await clearStaleMount(mountpoint)
  if (entry !== undefined) unregister(mountpoint)
  if (wasCleared || entry !== undefined) {
    process.stderr.write(
      `cloudmount: ${mountpoint} was left over from a crash and is cleared. Changes not uploaded yet go on at the next mount.\n`,
    )
    return exitCodes.done
  }
  throw new ProblemError({
    code: 'not-found',
    message: `${mountpoint} is not a drive mounted with this command.`,
    remedy: 'See cloudmount status; drives of the application are unmounted in its window.',
  })
}

type StatusRow = {
  mountpoint: string
  bucket: string
  prefix: string
  pid: number
  state: 'mounted' | 'restarting' | 'crashed'
  status?: DriveStatus
}

export async function status(options: { json?: boolean }): Promise<number> {
  const rows = await Promise.all(entries().map(rowOf))
  if (options.json === true) {
    process.stdout.write(JSON.stringify({ drives: rows }, undefined, 2) + '\n')
    return exitCodes.done
  }
  if (rows.length === 0) process.stdout.write('No drive is mounted. Mount one: cloudmount mount s3://bucket DIR\n')
  for (const row of rows) process.stdout.write(describeRow(row) + '\n')
  return exitCodes.done
}

async function rowOf(entry: MountEntry): Promise<StatusRow> {
  const { mountpoint, bucket, prefix, pid } = entry
  const row = { mountpoint, bucket, prefix, pid }
  if (!isAlive(pid)) return { ...row, state: 'crashed' }
  try {
    return { ...row, state: 'mounted', status: await statusOf(entry) }
  } catch {
    return { ...row, state: 'restarting' }
  }
}

async function statusOf({ socket }: MountEntry): Promise<DriveStatus> {
  const answer = await askControl(socket, { name: 'status' }, statusDeadlineMs)
  return z.object({ status: driveStatusSchema }).parse(answer).status
}

function describeRow({ mountpoint, bucket, prefix, state, status: found }: StatusRow): string {
  const place = `${mountpoint}  s3://${bucket}/${prefix}`
  if (state === 'crashed') {
    return `${place}  its process is gone; run “cloudmount unmount ${mountpoint}”, then mount it again`
  }
  if (found === undefined) return `${place}  ${state}`
  const parts = [found.connection === 'online' ? 'mounted' : found.connection]
  if (found.pause !== undefined) parts.push(`paused ${pauseInWords(found.pause, Date.now())}`)
  if (found.pendingOperations > 0) {
    parts.push(`${pendingInWords(found)} to upload, ${estimateInWords(estimateUpload([found]))}`)
  }
  if (found.needsAttention > 0) parts.push(`${found.needsAttention} need you`)
  if (!found.hasConditionalWrites) parts.push('weaker protection: the endpoint ignores conditional writes')
  if (found.lastHeardAt !== undefined)
    parts.push(`the bucket last answered ${new Date(found.lastHeardAt).toLocaleString()}`)
  if (found.problem !== undefined) parts.push(found.problem.message)
  if (found.shortage !== undefined) parts.push(found.shortage.message)
  return `${place}  ${parts.join(', ')}`
}

export async function list(
  location: string | undefined,
  options: AccountOptions & { json?: boolean },
): Promise<number> {
  const account = accountFrom(options)
  const isJson = options.json === true
  if (location === undefined) await listBuckets(account, isJson)
  else await listLocation(account, parseLocation(location), isJson)
  return exitCodes.done
}

/** Runs a command and turns whatever it throws into words and an exit code. */
export async function run(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command()
  } catch (error) {
    process.exitCode = reportFailure(error)
  }
  process.exit()
}
