/** What programs, the other client, the person and the world do in a run of two clients. */
import { constants } from 'node:fs'
import { resolutionKinds } from '../../../contracts/conflict.ts'
import { caller } from '../local-drive.ts'
import { turn } from '../manual-clock.ts'
import type { TwoClients } from './two-clients.ts'

type Step = { weight: number; run: (run: TwoClients) => Promise<void> }

async function create(run: TwoClients, path = run.anyPath()): Promise<void> {
  const { operations } = run
  const handle = await run.attempt(`create ${path}`, () => operations.create(path, 0o644, caller))
  if (handle === undefined) return
  const bytes = run.books.freshBytes('L')
  await operations.write(handle, Buffer.from(bytes), 0)
  await run.maybeEnlarge(handle)
  await operations.flush(handle)
  run.books.wrote(bytes, 'here')
  run.note(`  now ${bytes}`)
  await operations.release(handle)
}

async function overwrite(run: TwoClients): Promise<void> {
  const pinned = await run.pin(run.anyPath())
  if (pinned === undefined) return
  const bytes = run.random.chance(0.5) ? run.books.freshBytes('L') : pinned.bytes + run.books.freshBytes('+')
  await run.replace(pinned.handle, pinned.bytes, bytes)
  for (const one of run.held) if (one.ino === pinned.ino) one.bytes = bytes
  await run.operations.release(pinned.handle)
}

/** Adds to what it has not read. */
async function add(run: TwoClients): Promise<void> {
  const { operations } = run
  const path = run.anyPath()
  const handle = await run.attempt(`open ${path}`, () => operations.open(path, constants.O_RDWR))
  if (handle === undefined) return
  const { ino, size } = await operations.fgetattr(undefined, handle)
  if (!run.held.some((one) => one.ino === ino)) {
    const bytes = run.books.freshBytes('P')
    run.note(`  adds ${bytes}`)
    await operations.write(handle, Buffer.from(bytes), size)
    await operations.flush(handle)
    run.books.wrote(bytes, 'here')
  }
  await operations.release(handle)
}

async function hold(run: TwoClients): Promise<void> {
  const pinned = run.held.length > 2 ? undefined : await run.pin(run.anyPath())
  if (pinned !== undefined) run.held.push({ ...pinned, isGone: false })
}

async function writeHeld(run: TwoClients): Promise<void> {
  const one = run.random.maybePick(run.held)
  if (one === undefined) return
  if (run.random.chance(0.3)) {
    run.note('close a held file')
    await run.letGo(one)
    return
  }
  if (one.isGone) return
  const { bytes } = one
  run.note(`write to a held file, ${bytes}`)
  const next = bytes + run.books.freshBytes('+')
  await run.replace(one.handle, bytes, next)
  for (const same of run.held) if (same.ino === one.ino) same.bytes = next
}

async function unlink(run: TwoClients): Promise<void> {
  const path = run.anyPath()
  const pinned = await run.pin(path)
  if (pinned === undefined) return
  const isDone = await run.attempt(`unlink ${path}`, async () => {
    await run.operations.unlink(path)
    return true
  })
  if (isDone === true) {
    run.books.replaced(pinned.bytes)
    run.nameWent(pinned.ino)
  }
  await run.operations.release(pinned.handle)
}

async function rename(run: TwoClients, from = run.anyPath(), to = run.anyPath()): Promise<void> {
  if (from === to) return
  const source = await run.attempt(`look at ${from}`, () => run.operations.getattr(from))
  const target = source === undefined ? undefined : await run.pin(to)
  const isDone = await run.attempt(`rename ${from} ${to}`, async () => {
    // What this program could not read it leaves alone.
    if (target === undefined && (await exists(run, to))) return false
    await run.operations.rename(from, to)
    return true
  })
  if (target === undefined) return
  if (isDone === true) {
    run.books.replaced(target.bytes)
    run.nameWent(target.ino)
  }
  await run.operations.release(target.handle)
}

async function exists(run: TwoClients, path: string): Promise<boolean> {
  return (await run.attempt(`look at ${path}`, () => run.operations.getattr(path))) !== undefined
}

async function save(run: TwoClients): Promise<void> {
  const temporary = `/saving${run.books.freshBytes('')}`
  await create(run, temporary)
  await rename(run, temporary, run.anyPath())
}

async function folder(run: TwoClients): Promise<void> {
  const path = run.random.pick(['/d', '/e'])
  if (run.random.chance(0.5)) await run.attempt(`mkdir ${path}`, () => run.operations.mkdir(path, 0o755, caller))
  else {
    const to = run.random.pick(['/d', '/e', '/f'])
    if (to !== path) await run.attempt(`rename ${path} ${to}`, () => run.operations.rename(path, to))
  }
}

async function chmod(run: TwoClients): Promise<void> {
  const path = run.anyPath()
  await run.attempt(`chmod ${path}`, () => run.operations.chmod(path, run.random.pick([0o600, 0o644])))
}

async function read(run: TwoClients): Promise<void> {
  const path = run.random.pick(['/', '/d', '/e', run.anyPath()])
  await run.attempt(`list or look at ${path}`, async () => {
    if (path.length <= 2 && !'abc'.includes(path.slice(1, 2) || '-')) await run.operations.readdir(path)
    else await run.operations.getattr(path)
  })
}

async function time(run: TwoClients): Promise<void> {
  const byMs = run.random.pick([1, 400, 2_100, 2_100, 11_000, 31_000, 301_000])
  run.note(`${byMs} ms pass`)
  await run.clock.advance(byMs)
}

async function drain(run: TwoClients): Promise<void> {
  run.note('drain')
  await run.clock.until(run.drive.uploader.drain(run.random.pick([1, 5_000])), 60_000)
}

async function weather(run: TwoClients): Promise<void> {
  const kind = run.random.pick(['calm', 'calm', 'offline', 'rough'] as const)
  run.note(`weather: ${kind}`)
  run.weather.isOffline = kind === 'offline'
  run.weather.failing = kind === 'rough' ? 0.15 : 0
  run.weather.losing = kind === 'rough' ? 0.15 : 0
}

async function restart(run: TwoClients): Promise<void> {
  run.note('restart')
  await run.restart()
}

async function crash(run: TwoClients): Promise<void> {
  if (run.random.chance(0.5)) await run.clock.advance(run.random.below(3_000))
  for (let turns = run.random.below(6); turns > 0; turns--) await turn()
  run.note('crash')
  await run.crash()
}

async function act(run: TwoClients): Promise<void> {
  run.other.act(run.random.chance(0.3) ? run.anyPath().slice(1) : run.anyKey())
}

/** The person settles what is shown, at once or so that it can be taken back, and sometimes takes it back. */
export async function resolve(run: TwoClients, probability = 0.6): Promise<void> {
  const { conflicts } = run.drive
  const choices = conflicts
    .list()
    .filter(() => run.random.chance(probability))
    .map(({ id, mine, theirs }) => {
      const kind = mine.isWhole ? run.random.pick(resolutionKinds) : 'theirs'
      return { id, revision: mine.revision, kind, ...(theirs === undefined ? {} : { theirsEtag: theirs.etag }) }
    })
  if (choices.length === 0) return
  run.note(`resolve ${choices.map(({ id, kind }) => `${id} ${kind}`).join(', ')}`)
  conflicts.resolve({ choices, delayMs: run.random.pick([0, 0, 8_000]) })
  if (run.random.chance(0.2)) {
    await time(run)
    run.note('  undo')
    conflicts.undo(choices.map(({ id }) => id))
  }
}

/** What cannot be sent, because bytes of it are gone, is given up. */
export async function discard(run: TwoClients): Promise<void> {
  const { journal, conflicts } = run.drive
  for (const { id, key, status } of [...journal.operations()]) {
    if (status.state !== 'blocked') continue
    run.note(`discard ${key}`)
    await run.clock.until(conflicts.discard(id), 60_000)
  }
}

export const twoClientsSteps: Record<string, Step> = {
  create: { weight: 8, run: (run) => create(run) },
  overwrite: { weight: 12, run: overwrite },
  add: { weight: 6, run: add },
  hold: { weight: 3, run: hold },
  writeHeld: { weight: 5, run: writeHeld },
  unlink: { weight: 5, run: unlink },
  rename: { weight: 7, run: (run) => rename(run) },
  save: { weight: 4, run: save },
  folder: { weight: 4, run: folder },
  chmod: { weight: 3, run: chmod },
  read: { weight: 6, run: read },
  time: { weight: 14, run: time },
  drain: { weight: 5, run: drain },
  weather: { weight: 4, run: weather },
  restart: { weight: 2, run: restart },
  crash: { weight: 2, run: crash },
  act: { weight: 16, run: act },
  resolve: { weight: 5, run: (run) => resolve(run) },
}
