/** Folders on the move: renamed unlisted, again before the bucket has followed, back, and replaced by new ones at their old place. */
import { caller } from '../local-drive.ts'
import { refDirectory } from './reference.ts'
import type { Run } from './run.ts'
import { create, rename, write } from './steps.ts'
import { putWithoutMetadata } from './world-steps.ts'

/** Another client fills a folder; the drive is not told, and renames it without having listed it. */
async function moveUnlisted(run: Run): Promise<void> {
  await run.settle()
  const parent = run.random.pick(run.directories().filter(({ path }) => path.split('/').length < 4)).path
  const folder = `${parent}/${run.freshName('filled')}`
  const isDeep = run.random.chance(0.6)
  for (let count = 1 + run.random.below(12); count > 0; count--) {
    const below = isDeep && run.random.chance(0.5) ? `${run.random.pick(['x', 'y'])}/` : ''
    putWithoutMetadata(run, `${folder}/${below}${run.random.pick(['a', 'b', 'c', 'd', 'e.txt', 'f', 'g'])}`)
  }
  await run.world.clock.advance(301_000)
  // The folder itself is seen, what is in it is not.
  await run.operations.readdir(parent === '' ? '/' : parent)
  if (run.random.chance(0.3)) await worsen(run)
  await moveFolder(run, folder)
}

async function worsen(run: Run): Promise<void> {
  run.note('weather: worse')
  const { weather } = run.world
  weather.isOffline = run.random.chance(0.4)
  weather.failing = 0.2
  weather.losing = 0.2
}

async function moveFolder(run: Run, chosen?: string): Promise<void> {
  const from = chosen ?? run.random.maybePick(run.nodes('directory'))?.path
  if (from === undefined || run.kindAt(from) !== 'directory') return
  const to = run.random.chance(0.5) ? run.anyPath() : `${parentOf(from)}/${run.freshName('moved')}`
  if (!(await rename(run, from, to))) return
  await pause(run)
  const then = run.random.pick(['back', 'again', 'refill', 'refill', 'inner', 'nothing'] as const)
  if (then === 'back') await rename(run, to, from)
  if (then === 'again') await rename(run, to, `/${run.freshName('again')}`)
  if (then === 'refill') await refill(run, from, to)
  if (then === 'inner') await moveInner(run, to)
}

/** A new folder at the old place, with names that the old one had. */
async function refill(run: Run, from: string, to: string): Promise<void> {
  const mode = 0o755
  const made = await run.both(
    `mkdir ${from}`,
    () => run.operations.mkdir(from, mode, caller),
    () => run.reference.add(from, refDirectory(mode)),
  )
  if (made === undefined) return
  for (const { path, node } of [...run.reference.walk()].filter(({ path }) => path.startsWith(`${to}/`)).slice(0, 4)) {
    const name = path.slice(to.length + 1)
    if (name.includes('/') || run.random.chance(0.4)) continue
    if (node.kind === 'directory') await rename(run, path, `${from}/${name}`)
    else {
      const handle = await create(run, `${from}/${name}`)
      if (handle === undefined) continue
      await write(run, handle)
      if (run.random.chance(0.8)) await run.close(handle)
    }
  }
  await pause(run)
  if (run.random.chance(0.3)) await rename(run, from, `/${run.freshName('refilled')}`)
}

/** A folder inside the one that is moving goes another way. */
async function moveInner(run: Run, path: string): Promise<void> {
  const inner = run.random.maybePick(run.nodes('directory').filter((one) => one.path.startsWith(`${path}/`)))
  if (inner !== undefined) await rename(run, inner.path, run.anyPath())
}

async function pause(run: Run): Promise<void> {
  if (run.random.chance(0.5)) await run.world.clock.advance(run.random.pick([500, 2_000, 2_050, 2_500, 12_000]))
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

export const moveSteps: Record<string, { weight: number; run: (run: Run) => Promise<void> }> = {
  moveUnlisted: { weight: 2, run: moveUnlisted },
  moveFolder: { weight: 5, run: (run) => moveFolder(run) },
}
