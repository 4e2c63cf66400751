/** `npm run check`: everything that can be said about the code without running it, and the unit tests. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { bin, runCommand, summaryLine } from './suites.mjs'

/** Each step: its name, the package it comes from, and what it is told. */
const steps = [
  ['types', 'typescript', ['--noEmit', '-p', '.'], 'tsc'],
  ['types of the window', 'svelte-check', ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings']],
  ['lint', 'eslint', ['.', '--max-warnings=0']],
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  ['dependency directions', 'dependency-cruiser', ['--config', '.dependency-cruiser.cjs', '.'], 'depcruise'],
  ['unused code', 'knip', []],
]

export async function runChecks(root, { withTests, only = [] }) {
  const outcomes = []
  for (const [name, packageName, args, program] of steps) {
    if (only.length > 0 && !only.some((word) => name.includes(word))) continue
    console.log(`\n=== ${name}`)
    outcomes.push([
      name,
      (await runCommand([process.execPath, binOf(root, packageName, program), ...args], root)) === 0,
    ])
  }
  if (withTests) {
    console.log('\n=== unit tests')
    const command = [process.execPath, bin(root, 'vitest'), 'run', '--project', 'unit']
    outcomes.push(['unit tests', (await runCommand(command, root)) === 0])
  }
  console.log('')
  for (const [name, isGood] of outcomes) console.log(`${isGood ? 'good' : 'FAILED'} ${name}`)
  const failed = outcomes.filter(([, isGood]) => !isGood).length
  console.log(summaryLine({ passed: outcomes.length - failed, failed }))
  return failed === 0 ? 0 : 1
}

function binOf(root, packageName, program) {
  const linked = path.join(root, 'node_modules', '.bin', program ?? packageName)
  if (!existsSync(linked)) throw new Error(`${packageName} is not installed`)
  return linked
}
