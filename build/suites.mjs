/** Runs the test suites one after the other and adds up what they counted themselves. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { runInDesktop } from './desktop.mjs'

/** So many may fail and be tried once more; with more, something is broken. */
const mostRetried = 3

/** A suite that ended without a report counts as one failure: it never got to its tests. */
export const noReport = { passed: 0, failed: 1, skipped: 0, failures: [failure('suite', 'ended without a report')] }

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
  const specs = (report.suites ?? []).flatMap(specsIn)
  const told = (spec) => failure(spec.file, spec.title, spec.tests[0]?.results[0]?.error?.message)
  return {
    passed: expected + flaky,
    failed: unexpected + report.errors.length,
    skipped,
    failures: specs.filter((spec) => !spec.ok).map(told),
    unsteady: specs.filter((spec) => spec.ok && spec.tests.some(({ status }) => status === 'flaky')).map(told),
  }
}

function specsIn(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsIn)]
}

/** A test that failed: where it is, its name, and the first line of what it said. */
function failure(file, name, message = '') {
  return { file, name, message: stripVTControlCharacters(message).trim().split('\n')[0] }
}

/** What holds after the files with failures were run once more: a test that passed then is unsteady, and is named as that. */
export function afterRetry(first, second) {
  const isSame = (a) => (b) => a.file === b.file && a.name === b.name
  const unsteady = first.failures.filter((one) => !second.failures.some(isSame(one)))
  const fresh = second.failures.filter((one) => !first.failures.some(isSame(one)))
  const { skipped } = first
  const passed = first.passed + unsteady.length - fresh.length
  return { passed, failed: second.failed, skipped, failures: second.failures, unsteady }
}

/** A command that failed although every test passed failed all the same. */
export function judged(counts, exitCode) {
  if (exitCode === 0 || counts.failed > 0) return counts
  return {
    ...counts,
    failed: 1,
    failures: [failure('suite', `ended with code ${exitCode} although every test passed`)],
  }
}

export function sum(all) {
  const add = (key) => all.reduce((total, counts) => total + counts[key], 0)
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped') }
}

export function summaryLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`
}

/** `window` is the window alone, on a fake of everything behind it; `e2e` is the built application. */
const playwrightConfigs = { window: 'renderer/testing/playwright.config.ts', e2e: 'playwright.config.ts' }

/** `npm test`: each name is a project of vitest, or one of Playwright's. */
export async function runSuites(root, names, environment) {
  const results = []
  for (const name of names) {
    console.log(`\n=== ${name} tests`)
    const config = playwrightConfigs[name]
    const counts = config ? await runPlaywright(root, environment, config) : await runVitest(root, name, environment)
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
  for (const [suite, { failures, unsteady = [] }] of results) {
    for (const one of unsteady) console.log(`UNSTEADY ${suite}: ${describe(one)}`)
    for (const one of failures) console.log(`FAILED ${suite}: ${describe(one)}`)
  }
  const total = sum(results.map(([, counts]) => counts))
  console.log(summaryLine(total))
  return total.failed === 0 ? 0 : 1
}

const describe = ({ file, name, message }) => `${path.basename(file)}: ${name}: ${message}`

/** A test may fail for what the machine does; one that fails twice in a row, in a process of its own, has failed. */
async function runVitest(root, project, environment, files = []) {
  const first = await runVitestOnce(root, project, environment, files)
  const failedFiles = [...new Set(first.failures.map(({ file }) => file))].filter((file) => existsSync(file))
  if (first.failed === 0 || first.failed > mostRetried || failedFiles.length === 0) return first
  console.log(`\n=== once more: ${failedFiles.map((file) => path.basename(file)).join(', ')}`)
  return afterRetry(first, await runVitestOnce(root, project, environment, failedFiles))
}

async function runVitestOnce(root, project, environment, files) {
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

/** Its workers have a desktop each, see build/testing/own-desktop.ts. */
async function runPlaywright(root, environment, config) {
  return withReport(async (file) => {
    const command = [
      process.execPath,
      bin(root, '@playwright/test', 'cli.js'),
      'test',
      '--config',
      path.join(root, config),
      '--pass-with-no-tests',
      '--reporter=list,json',
    ]
    return runCommand(command, root, { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: file })
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
