/** `cloudmount conflicts`: what drives mounted with this command have in conflict, both sides of it, and settling it. */
import { spawnSync } from 'node:child_process'
import { relative, resolve } from 'node:path'
import type { z } from 'zod'
import type { Conflict, ResolutionKind } from '../contracts/conflict.ts'
import { ProblemError } from '../contracts/problem.ts'
import { bytesInWords } from '../contracts/quantities.ts'
import { workerRequests, type WorkerParams, type WorkerResult } from '../contracts/worker-protocol.ts'
import { askControl } from './control-socket.ts'
import { exitCodes } from './exit-codes.ts'
import { entries, type MountEntry } from './mount-registry.ts'
import { driveOf } from './pins.ts'
import { printable } from './printable.ts'

const answerMs = 30_000
/** For a version that has to be fetched, and for large ones to be kept. */
const carryOutMs = 10 * 60_000
const lookAgainMs = 200

type Asked = Extract<keyof typeof workerRequests, `conflict:${string}` | `recovered:${string}`>
type Place = { entry: MountEntry; path: string }

export async function ask<N extends Asked>(
  { socket }: MountEntry,
  request: N,
  params: WorkerParams<N>,
  deadlineMs = answerMs,
): Promise<WorkerResult<N>> {
  const answer = await askControl(socket, { name: 'ask', request, params, deadlineMs }, deadlineMs + 5_000)
  const schema: z.ZodType = workerRequests[request].result
  return schema.parse(answer) as WorkerResult<N>
}

export async function listConflicts(directory: string | undefined, options: { json?: boolean }): Promise<number> {
  const wanted = directory === undefined ? entries() : [placeOf(directory).entry]
  const rows: (Conflict & { mountpoint: string })[] = []
  for (const entry of wanted) {
    const { conflicts } = await ask(entry, 'conflict:list', {})
    const below = directory === undefined ? '' : placeOf(directory).path
    rows.push(
      ...conflicts
        .filter(({ path }) => isWithin(path, below))
        .map((conflict) => ({ ...conflict, mountpoint: entry.mountpoint })),
    )
  }
  if (options.json === true) process.stdout.write(JSON.stringify({ conflicts: rows }, undefined, 2) + '\n')
  else if (rows.length === 0) process.stdout.write('There are no conflicts.\n')
  else for (const row of rows) process.stdout.write(`${printable(`${row.mountpoint}/${row.path}`)}  ${inWords(row)}\n`)
  return exitCodes.done
}

/** Both sides as files, and for text what differs. */
export async function showConflict(path: string): Promise<number> {
  const place = placeOf(path)
  const conflict = await conflictAt(place)
  const { id, mine, theirs } = conflict
  process.stdout.write(`${printable(path)}  ${inWords(conflict)}\n`)
  const preview = (side: 'mine' | 'theirs') => ask(place.entry, 'conflict:preview', { id, side }, carryOutMs)
  const yours = await preview('mine')
  process.stdout.write(`yours:  ${described(mine)}  ${printable(yours.path)}\n`)
  if (theirs === undefined) {
    process.stdout.write('theirs: deleted\n')
    return exitCodes.done
  }
  const others = await preview('theirs')
  process.stdout.write(`theirs: ${described(theirs)}  ${printable(others.path)}\n`)
  const labels = ['--label', 'theirs', '--label', 'yours']
  const { stdout } = spawnSync('diff', ['-u', ...labels, others.path, yours.path], { encoding: 'utf8' })
  // Where there is no such program the two files are there all the same.
  process.stdout.write(stdout || '')
  return exitCodes.done
}

export type ResolveOptions = { mine?: boolean; theirs?: boolean; both?: boolean; all?: boolean }

export async function resolveConflicts(paths: readonly string[], options: ResolveOptions): Promise<number> {
  const kind = kindOf(options)
  let code: number = exitCodes.done
  for (const path of paths) {
    const place = placeOf(path)
    const wanted = options.all === true ? await conflictsBelow(place) : [await conflictAt(place)]
    if (wanted.length === 0) process.stdout.write(`${printable(path)}  has no conflicts\n`)
    const left = await settle(place.entry, wanted, kind)
    if (left !== exitCodes.done) code = left
  }
  return code
}

async function settle({ mountpoint, ...entry }: MountEntry, wanted: Conflict[], kind: ResolutionKind): Promise<number> {
  const place = { mountpoint, ...entry }
  const choices = wanted.map(({ id, mine, theirs }) => ({
    ...{ id, revision: mine.revision, kind },
    ...(theirs === undefined ? {} : { theirsEtag: theirs.etag }),
  }))
  const { outcomes } = await ask(place, 'conflict:resolve', { choices, delayMs: 0 })
  const chosen = new Set(outcomes.filter(({ outcome }) => outcome === 'chosen').map(({ id }) => id))
  const left = await whenCarriedOut(place, chosen)
  let code: number = exitCodes.done
  for (const { id, path } of wanted) {
    const outcome = outcomes.find((one) => one.id === id)?.outcome ?? 'gone'
    const open = left.find((one) => one.id === id)
    const said = outcome === 'chosen' ? afterwards(open, kind) : refusals[outcome]
    process.stdout.write(`${printable(`${mountpoint}/${path}`)}  ${said}\n`)
    if (open?.choice !== undefined) code = exitCodes.pendingLeft
    else if (open !== undefined || outcome === 'not-whole') code = exitCodes.failed
  }
  return code
}

/** The conflicts there are when nothing more can be expected soon: what waits for a network or an open file goes on by itself. */
async function whenCarriedOut(entry: MountEntry, ids: ReadonlySet<string>): Promise<Conflict[]> {
  const giveUpAt = Date.now() + carryOutMs
  for (;;) {
    const { conflicts } = await ask(entry, 'conflict:list', {})
    const busy = conflicts.some(
      ({ id, choice }) => ids.has(id) && choice !== undefined && choice.problem === undefined && isMoving(choice.state),
    )
    if (!busy || Date.now() > giveUpAt) return conflicts
    await new Promise((next) => setTimeout(next, lookAgainMs))
  }
}

const isMoving = (state: string): boolean => state === 'waiting' || state === 'applying'

const refusals = {
  'moved-on': 'changed meanwhile; look at it again',
  gone: 'is settled already',
  'not-whole': 'parts of yours are gone; only --theirs can be chosen',
} as const

function afterwards(open: Conflict | undefined, kind: ResolutionKind): string {
  if (open === undefined) return `settled: ${kept[kind]}`
  if (open.choice === undefined) return refusals['moved-on']
  if (open.choice.state === 'waiting-for-close') return 'waits until the program that has it open closes it'
  return `waits: ${open.choice.problem?.message ?? 'it is under way'}`
}

const kept: Record<ResolutionKind, string> = {
  mine: 'yours is kept',
  theirs: 'theirs is kept',
  both: 'both are kept',
}

function kindOf({ mine, theirs, both }: ResolveOptions): ResolutionKind {
  const asked = [mine === true && 'mine', theirs === true && 'theirs', both === true && 'both'].filter(
    (kind) => kind !== false,
  )
  const [kind] = asked
  if (kind !== undefined && asked.length === 1) return kind as ResolutionKind
  throw new ProblemError({
    code: 'invalid-input',
    message: 'It is not clear which version to keep.',
    remedy: 'Give one of --mine, --theirs and --both.',
  })
}

async function conflictsBelow({ entry, path }: Place): Promise<Conflict[]> {
  const { conflicts } = await ask(entry, 'conflict:list', {})
  return conflicts.filter((one) => isWithin(one.path, path))
}

async function conflictAt(place: Place): Promise<Conflict> {
  const found = (await conflictsBelow(place)).find(({ path }) => path === place.path)
  if (found !== undefined) return found
  throw new ProblemError({
    code: 'not-found',
    message: `${printable(`${place.entry.mountpoint}/${place.path}`)} is not in conflict.`,
    remedy: 'See cloudmount conflicts list.',
  })
}

export function placeOf(path: string): Place {
  const entry = driveOf(resolve(path), 'show “Conflicts” in its window')
  return { entry, path: relative(entry.mountpoint, resolve(path)) }
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

const happened = {
  edited: 'edited here and by another client',
  created: 'created here and by another client',
  deleted: 'edited here and deleted by another client',
} as const

function inWords({ kind, since, mine, theirs, choice }: Conflict): string {
  const sides = `yours ${described(mine)}, theirs ${theirs === undefined ? 'deleted' : described(theirs)}`
  const chosen = choice === undefined ? '' : `; “${choice.kind}” is chosen`
  return `${happened[kind]}, found ${new Date(since).toLocaleString()}: ${sides}${chosen}`
}

function described({ sizeBytes, modifiedAt }: { sizeBytes: number; modifiedAt: number }): string {
  return `${bytesInWords(sizeBytes)} of ${new Date(modifiedAt).toLocaleString()}`
}
