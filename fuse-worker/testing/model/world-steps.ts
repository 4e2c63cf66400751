/** What happens around the programs: time, weather, other clients, and the end of processes. */
import { expect } from 'vitest'
import { calm } from '../weather-store.ts'
import { partsOf, refDirectory, refFile, type RefNode } from './reference.ts'
import type { Run } from './run.ts'

async function time(run: Run): Promise<void> {
  const byMs = run.random.pick([1, 20, 400, 2_100, 2_100, 12_000, 31_000])
  run.note(`${byMs} ms pass`)
  await run.world.clock.advance(byMs)
}

async function drain(run: Run): Promise<void> {
  run.note('drain')
  const { drive, clock } = run.world
  await clock.until(drive.uploader.drain(run.random.pick([1, 50, 5_000])), 60_000)
}

async function weather(run: Run): Promise<void> {
  const { weather } = run.world
  const kind = run.random.pick(['calm', 'calm', 'offline', 'failing', 'losing', 'rough'] as const)
  run.note(`weather: ${kind}`)
  weather.isOffline = kind === 'offline'
  weather.failing = kind === 'failing' || kind === 'rough' ? 0.2 : 0
  weather.losing = kind === 'losing' || kind === 'rough' ? 0.3 : 0
}

async function restart(run: Run): Promise<void> {
  run.note('restart')
  for (const handle of [...run.handles]) await run.close(handle)
  await run.world.restart()
}

async function crash(run: Run): Promise<void> {
  if (run.random.chance(0.5)) await run.world.clock.advance(run.random.below(3_000))
  run.note('crash')
  await run.world.crash()
  // What is left is looked at in good weather, before it turns bad again.
  const weatherBefore = { ...run.world.weather }
  Object.assign(run.world.weather, calm())
  await run.waitOnline()
  await run.adoptAfterCrash()
  Object.assign(run.world.weather, weatherBefore)
}

/** Another client writes, changes or deletes: seen once what was listed before is not trusted any more. */
async function otherClient(run: Run): Promise<void> {
  await run.settle()
  const clean = run.nodes('file').filter(({ node }) => node.openHandles === 0)
  const chosen = run.random.maybePick(clean)
  const kind = run.random.pick(['new', 'new', 'deep', 'change', 'remove'] as const)
  if (kind === 'change' && chosen !== undefined) put(run, chosen.path)
  else if (kind === 'remove' && chosen !== undefined) {
    run.note(`another client deletes ${chosen.path}`)
    run.world.bucket.deleteForeign(chosen.path.slice(1))
    forget(run, chosen.path)
  } else {
    const directory = run.random.pick(run.directories()).path
    const below = kind === 'deep' ? `${run.freshName('deep')}/in/` : ''
    put(run, `${directory}/${below}${run.freshName('other')}`)
  }
  await run.world.clock.advance(301_000)
}

function put(run: Run, path: string): void {
  putNamed(run, path, run.random.chance(0.4))
}

/** An object whose attributes a listing tells whole. */
export function putWithoutMetadata(run: Run, path: string): void {
  putNamed(run, path, false)
}

function putNamed(run: Run, path: string, hasMetadata: boolean): void {
  const { bucket, clock } = run.world
  const content = run.random.bytes(run.random.below(run.random.chance(0.3) ? 30_000 : 500))
  const metadata = hasMetadata ? { mtime: '1700000000.25', mode: String(0o100600), uid: '1000', gid: '1000' } : {}
  run.note(`another client puts ${path} (${content.length} bytes)`)
  bucket.putForeign(path.slice(1), content, { metadata })
  const mtimeMs = hasMetadata ? 1_700_000_000_250 : Math.floor(clock.now() / 1000) * 1000
  const file = refFile(hasMetadata ? 0o600 : 0o644, mtimeMs, content)
  forget(run, path)
  directoriesFor(run, path)
  run.reference.add(path, file)
}

function directoriesFor(run: Run, path: string): void {
  let directory: RefNode = run.reference.root
  for (const part of partsOf(path).slice(0, -1)) {
    if (directory.kind !== 'directory') return
    const next: RefNode = directory.children.get(part) ?? refDirectory(0o755)
    directory.children.set(part, next)
    directory = next
  }
}

/** A folder that was only there because of the key goes with it, as in any other client. */
function forget(run: Run, path: string): void {
  if (run.reference.find(path) === undefined) return
  run.reference.unlink(path)
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    const isStillThere = run.world.bucket.keys().some((key) => key.startsWith(`${parent.slice(1)}/`))
    if (isStillThere) return
    const node = run.reference.get(parent)
    expect(node.kind === 'directory' ? node.children.size : -1, `entries of ${parent}`).toBe(0)
    run.reference.rmdir(parent)
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** Attributes nobody has asked for yet are learnt by a lookup; then they are what the other client wrote. */
async function look(run: Run): Promise<void> {
  if (!run.isNetworkGood) return
  await run.world.clock.advance(11_000)
  for (const { path } of run.reference.walk()) await run.operations.getattr(path)
}

export const worldSteps: Record<string, { weight: number; run: (run: Run) => Promise<void> }> = {
  time: { weight: 14, run: time },
  drain: { weight: 5, run: drain },
  weather: { weight: 4, run: weather },
  restart: { weight: 1.5, run: restart },
  crash: { weight: 1.5, run: crash },
  otherClient: { weight: 2, run: otherClientThenLook },
}

async function otherClientThenLook(run: Run): Promise<void> {
  await otherClient(run)
  await look(run)
}
