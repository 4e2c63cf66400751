/** Runs the test suites one after the other and adds up what they counted themselves. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { runInDesktop } from './desktop.mjs'

/** A suite that ended without a report counts as one failure: it never got to its tests. */
export const noReport = { passed: 0, failed: 1, skipped: 0, failures: ['ended without a report'] }

export function countVitest(report) {
  // A file that does not load has no tests to fail, so it is counted itself.
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap((file) => [
      ...(unloaded.includes(file) ? [failure(file.name, 'did not load', file.message)] : []),
      ...file.assertionResults
        .filter((test) => test.status === 'failed')
        .map((test) => failure(file.name, test.fullName, test.failureMessages?.[0])),
    ]),
  }
}

export function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats
  const failures = (report.suites ?? []).flatMap(failuresIn)
  return { passed: expected + flaky, failed: unexpected + report.errors.length, skipped, failures }
}

function failuresIn(suite) {
  const own = (suite.specs ?? [])
    .filter((spec) => !spec.ok)
    .map((spec) => failure(spec.file, spec.title, spec.tests[0]?.results.at(-1)?.error?.message))
  return [...own, ...(suite.suites ?? []).flatMap(failuresIn)]
}

/** One line about a test that failed: where it is, its name, and the first line of what it said. */
function failure(file, name, message = '') {
  return `${path.basename(file)}: ${name}: ${stripVTControlCharacters(message).trim().split('\n')[0]}`
}

/** A command that failed although every test passed failed all the same. */
export function judged(counts, exitCode) {
  if (exitCode === 0 || counts.failed > 0) return counts
  return { ...counts, failed: 1, failures: [`ended with code ${exitCode} although every test passed`] }
}

export function sum(all) {
  const add = (key) => all.reduce((total, counts) => total + counts[key], 0)
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped') }
}

export function summaryLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`
}

/** `npm test`: each name is a project of vitest, or `e2e`. */
export async function runSuites(root, names, environment) {
  const results = []
  for (const name of names) {
    console.log(`\n=== ${name} tests`)
    const counts = name === 'e2e' ? await runPlaywright(root, environment) : await runVitest(root, name, environment)
    results.push([name, counts])
  }
  return report(results)
}

/** The S3 conformance suite, and every test that talks to a bucket through a real mount, on a Ceph gateway. */
export async function runGatewaySuites(root, environment) {
  const onMounts = filesAbout(root, 'fuse-worker', '.integration.test.ts', 's3-target')
  const conformance = { ...environment, CLOUDMOUNT_CONFORMANCE: 'rgw' }
  const results = [['conformance on Ceph', await runVitest(root, 'conformance', conformance)]]
  if (onMounts.length > 0) {
    const mounts = { ...environment, CLOUDMOUNT_TEST_GATEWAY: 'rgw' }
    results.push(['integration on Ceph', await runVitest(root, 'integration', mounts, onMounts)])
  }
  return report(results)
}

function report(results) {
  console.log('')
  for (const [name, counts] of results) {
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    console.log(`${name}: ${summaryLine(counts)}${skipped}`)
  }
  for (const [name, { failures }] of results) for (const line of failures) console.log(`FAILED ${name}: ${line}`)
  const total = sum(results.map(([, counts]) => counts))
  console.log(summaryLine(total))
  return total.failed === 0 ? 0 : 1
}

async function runVitest(root, project, environment, files = []) {
  return withReport(async (file) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const command = [
      process.execPath,
      bin(root, 'vitest'),
      'run',
      '--project',
      project,
      '--passWithNoTests',
      ...reporters,
      ...files,
    ]
    const needsDesktop = project === 'integration' && process.platform === 'linux'
    if (needsDesktop) return runInDesktop(command, { cwd: root, environment })
    return runCommand(command, root, environment)
  }, countVitest)
}

async function runPlaywright(root, environment) {
  const env = { ...environment }
  return withReport(async (file) => {
    const command = [
      process.execPath,
      bin(root, '@playwright/test', 'cli.js'),
      'test',
      '--pass-with-no-tests',
      '--reporter=list,json',
    ]
    return runInDesktop(command, { cwd: root, environment: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file } })
  }, countPlaywright)
}

async function withReport(run, count) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cloudmount-report-'))
  const file = path.join(folder, 'report.json')
  try {
    const exitCode = await run(file)
    return judged(readCounts(file, count), exitCode)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readCounts(file, count) {
  try {
    return count(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return noReport
  }
}

export async function runCommand([program, ...args], cwd, environment = process.env) {
  const child = spawn(program, args, { cwd, env: environment, stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = await once(child, 'exit')
  return code ?? 1
}

export function bin(root, name, file) {
  const folder = path.join(root, 'node_modules', name)
  if (file !== undefined) return path.join(folder, file)
  const declared = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).bin
  return path.join(folder, typeof declared === 'string' ? declared : declared[name])
}

function filesAbout(root, folder, ending, word) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name))
    .filter((name) => readFileSync(path.join(root, name), 'utf8').includes(word))
}
