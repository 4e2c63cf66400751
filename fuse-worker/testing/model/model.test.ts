/**
 * Random calls against a drive and a reference, with a network that fails and processes that die. MODEL_SEED runs one seed (with
 * MODEL_SEEDS, so many from that one on), MODEL_STEPS says how many steps a seed has, MODEL_LIMIT how small the cache is. A failure names its seed; MODEL_TRACE=1 prints the steps.
 */
import { describe, test } from 'vitest'
import { turn } from '../manual-clock.ts'
import { attributeSteps } from './attribute-steps.ts'
import { moveSteps } from './move-steps.ts'
import { Run } from './run.ts'
import { programSteps } from './steps.ts'
import { worldSteps } from './world-steps.ts'

const { MODEL_SEED, MODEL_SEEDS, MODEL_STEPS = '250', MODEL_TRACE } = process.env
const firstSeed = Number(MODEL_SEED ?? 1)
const seedCount = Number(MODEL_SEEDS ?? (MODEL_SEED === undefined ? 40 : 1))
const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index)

const steps = { ...programSteps, ...attributeSteps, ...worldSteps, ...moveSteps }
const weights = Object.fromEntries(Object.entries(steps).map(([name, { weight }]) => [name, weight]))

async function play(seed: number): Promise<void> {
  const run = new Run(seed)
  try {
    for (let count = 0; count < Number(MODEL_STEPS); count++) {
      await steps[run.random.weighted(weights) as keyof typeof steps].run(run)
      for (let turns = run.random.below(4); turns > 0; turns--) await turn()
      await run.check(run.random.chance(0.3))
    }
    await run.finish()
  } catch (error) {
    const shown = MODEL_TRACE === undefined ? run.trace.slice(-25) : run.trace
    throw new Error(`MODEL_SEED=${seed} MODEL_STEPS=${MODEL_STEPS}, step ${run.trace.length}:\n${shown.join('\n')}`, {
      cause: error,
    })
  } finally {
    await run.world.end()
  }
}

describe('a drive is a POSIX tree whatever the network and the processes do, and the bucket ends up the same', () => {
  test.each(seeds)('seed %i', (seed) => play(seed), 120_000)
})
