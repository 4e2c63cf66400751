/**
 * Two clients on one bucket, one of them the drive, with a network that fails, processes that die, and a person who settles
 * conflicts. MODEL_SEED, MODEL_SEEDS, MODEL_STEPS and MODEL_TRACE as of model.test.ts.
 */
import { describe, expect, test, vi } from 'vitest'
import { turn } from '../manual-clock.ts'
import { Random } from '../random.ts'
import { discard, resolve, twoClientsSteps } from './two-clients-steps.ts'
import { TwoClients } from './two-clients.ts'

const { MODEL_SEED, MODEL_SEEDS, MODEL_STEPS = '150', MODEL_TRACE } = process.env
const firstSeed = Number(MODEL_SEED ?? 1)
const seedCount = Number(MODEL_SEEDS ?? (MODEL_SEED === undefined ? 20 : 1))
const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index)
const weights = Object.fromEntries(Object.entries(twoClientsSteps).map(([name, { weight }]) => [name, weight]))

async function play(seed: number): Promise<void> {
  const jitter = new Random(seed)
  const random = vi.spyOn(Math, 'random').mockImplementation(() => jitter.next())
  const run = new TwoClients(seed)
  try {
    for (let count = 0; count < Number(MODEL_STEPS); count++) {
      await twoClientsSteps[run.random.weighted(weights)]?.run(run)
      for (let turns = run.random.below(4); turns > 0; turns--) await turn()
    }
    run.note('settle')
    await run.settle()
    run.assertNothingIsStuck()
    await run.assertNothingIsLost()
    run.note('the person settles what is left')
    for (let rounds = 0; rounds < 6 && run.drive.journal.size > 0; rounds++) {
      await discard(run)
      await resolve(run, 1)
      await run.settle()
    }
    expect([...run.drive.journal.operations()], 'what is left when everything was settled').toEqual([])
    await run.assertNothingIsLost()
    await run.assertSameAsBucket()
  } catch (error) {
    const shown = MODEL_TRACE === undefined ? run.trace.slice(-40) : run.trace
    throw new Error(`MODEL_SEED=${seed} MODEL_STEPS=${MODEL_STEPS}, step ${run.trace.length}:\n${shown.join('\n')}`, {
      cause: error,
    })
  } finally {
    await run.end()
    random.mockRestore()
  }
}

describe('whatever two clients do to the same files, no version becomes unreachable', () => {
  test.each(seeds)('seed %i', (seed) => play(seed), 120_000)
})
