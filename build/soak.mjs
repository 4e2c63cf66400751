/**
 * `npm run test:soak -- --minutes N`: the seeded tests with seeds nobody has tried, one batch after the other until the time is over.
 * Every batch says before it runs how to have it again; the last line counts. Beside them a drive is at work for all of that time, whose
 * memory is watched (bench/memory.mjs): at the end stand its slope and its peak, which counts as one more test.
 */
import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { bin, countVitest, noReport, runCommand, sum, summaryLine } from './suites.mjs'

const batches = [
  {
    project: 'unit',
    file: 'fuse-worker/testing/model/model.test.ts',
    variables: (seed) => ({ MODEL_SEED: seed, MODEL_SEEDS: 10, MODEL_STEPS: 500 }),
  },
  {
    project: 'unit',
    file: 'fuse-worker/testing/model/two-clients.test.ts',
    variables: (seed) => ({ MODEL_SEED: seed, MODEL_SEEDS: 40, MODEL_STEPS: 300 }),
  },
  {
    project: 'unit',
    file: 'fuse-worker/testing/filesystem.test.ts',
    filter: 'beside a local folder',
    variables: (seed) => ({ LOCKSTEP_SEED: seed, LOCKSTEP_STEPS: 20_000 }),
  },
  {
    project: 'integration',
    file: 'fuse-worker/testing/crash/crash-points.integration.test.ts',
    filter: 'seed',
    variables: (seed) => ({ CRASH_SEED: seed, CRASH_SEEDS: 2, CRASH_STEPS: 100 }),
  },
  {
    project: 'integration',
    file: 'fuse-worker/testing/crash/kills.integration.test.ts',
    variables: (seed) => ({ KILL_SEED: seed, KILLS: 20 }),
  },
  {
    project: 'integration',
    file: 'fuse-worker/testing/torture/torture.integration.test.ts',
    variables: (seed) => ({ TORTURE_SEED: seed, TORTURE_SECONDS: 120 }),
  },
]

export async function runSoak(root, args, environment) {
  const { values } = parseArgs({ args, options: { minutes: { type: 'string', default: '10' } } })
  const endsAt = Date.now() + Number(values.minutes) * 60_000
  const memory = watchMemory(root, values.minutes, environment)
  const results = []
  const failed = []
  for (let round = 0; round === 0 || Date.now() < endsAt; round++) {
    const batch = batches[round % batches.length]
    const words = Object.entries(batch.variables(randomInt(1, 2 ** 31))).map(([name, value]) => `${name}=${value}`)
    const again = `${words.join(' ')} npx vitest run --project ${batch.project} ${batch.file}`
    console.log(`\n${again}`)
    const counts = await runBatch(root, batch, words, environment)
    results.push(counts)
    if (counts.failed > 0) failed.push(again)
  }
  const { output, isBounded } = await memory
  console.log(`\nmemory of a drive at work beside this:\n${output}`)
  results.push(isBounded ? { passed: 1, failed: 0, skipped: 0 } : noReport)
  for (const again of failed) console.log(`failed, and can be had again with: ${again}`)
  const total = sum(results)
  console.log(summaryLine(total))
  return total.failed === 0 ? 0 : 1
}

/** Smaller than the benchmark's own numbers: it shares the machine with the tests. */
function watchMemory(root, minutes, environment) {
  const words = ['--objects', '10000', '--open', '200', '--minutes', minutes]
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(root, 'bench', 'memory.mjs'), ...words],
      { cwd: root, env: environment },
      (error, stdout, stderr) =>
        resolve({ output: error === null ? stdout : stdout + stderr, isBounded: error === null }),
    )
  })
}

async function runBatch(root, { project, file, filter }, words, environment) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cloudmount-soak-'))
  const report = path.join(folder, 'report.json')
  const command = [process.execPath, bin(root, 'vitest'), 'run', '--project', project, file, '--reporter=default']
  command.push('--reporter=json', `--outputFile.json=${report}`, ...(filter === undefined ? [] : ['-t', filter]))
  try {
    const variables = Object.fromEntries(words.map((word) => word.split('=')))
    const code = await runCommand(command, root, { ...environment, ...variables })
    const counts = countVitest(JSON.parse(readFileSync(report, 'utf8')))
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
  } catch {
    return noReport
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
