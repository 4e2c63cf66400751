/**
 * Every command of the project: `node build/run.mjs COMMAND`. Each first brings the machine to where the command can run, and
 * does nothing for what is there already. What it says of itself goes to stderr, so that the command's own output stays clean.
 */
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ensureNpmPackages } from './npm-packages.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const say = (text) => console.error(`cloudmount: ${text}`)

const appTargets = ['main', 'preload', 'worker', 'renderer']

/** Modules that need npm packages are loaded after those are there. */
async function prepare({ purpose, targets = [], needsElectron = false }) {
  ensureSystemPackages(purpose, say)
  ensureNpmPackages(root, say)
  const { ensureNative } = await import('./native.mjs')
  await ensureNative(root, say)
  const environment = { ...process.env }
  if (needsElectron) {
    const { ensureElectron } = await import('./electron-runtime.mjs')
    Object.assign(environment, await ensureElectron(root, say))
  }
  if (targets.length > 0) {
    const { ensureBundles } = await import('./bundle.mjs')
    await ensureBundles(root, targets, say)
  }
  return environment
}

const commands = {
  async start(args) {
    const environment = await prepare({ purpose: 'start', targets: appTargets, needsElectron: true })
    const { runApp } = await import('./app.mjs')
    return runApp(root, environment, args)
  },
  async demo(args) {
    const environment = await prepare({ purpose: 'demo', targets: [...appTargets, 'demo-server'], needsElectron: true })
    const { runDemo } = await import('./demo.mjs')
    return runDemo(root, environment, args, say)
  },
  async cli(args) {
    await prepare({ purpose: 'cli', targets: ['worker', 'cli'] })
    const { runInteractively } = await import('./app.mjs')
    return runInteractively([process.execPath, path.join(root, 'out', 'cli', 'cli.cjs'), ...args])
  },
  async test(args) {
    const environment = await prepare({
      purpose: 'test',
      targets: [...appTargets, 'cli', 'demo-server'],
      needsElectron: true,
    })
    const { runSuites } = await import('./suites.mjs')
    return runSuites(
      root,
      args.length > 0 ? args : ['unit', 'conformance', 'integration', 'window', 'e2e'],
      environment,
    )
  },
  async soak(args) {
    const environment = await prepare({ purpose: 'test', targets: ['worker', 'cli', 'demo-server'] })
    const { runSoak } = await import('./soak.mjs')
    return runSoak(root, args, environment)
  },
  async rgw() {
    const environment = await prepare({ purpose: 'rgw', targets: ['worker', 'cli'] })
    const { runGatewaySuites } = await import('./suites.mjs')
    return runGatewaySuites(root, environment)
  },
  async check(args) {
    await prepare({ purpose: 'check' })
    const { runChecks } = await import('./check.mjs')
    const only = args.filter((word) => !word.startsWith('--'))
    return runChecks(root, { withTests: !args.includes('--without-tests') && only.length === 0, only })
  },
  async build() {
    await prepare({ purpose: 'cli', targets: [...appTargets, 'cli', 'demo-server'] })
    return 0
  },
  async 'fault-proxy'(args) {
    await prepare({ purpose: 'cli', targets: ['fault-proxy'] })
    const { runInteractively } = await import('./app.mjs')
    return runInteractively([process.execPath, path.join(root, 'out', 'fault-proxy', 'main.cjs'), ...args])
  },
  async package(args) {
    const environment = await prepare({ purpose: 'package', targets: appTargets, needsElectron: true })
    const { runPackaging } = await import('./packaging.mjs')
    return runPackaging(root, environment, args, say)
  },
}

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command === undefined) {
  console.error(`Usage: node build/run.mjs ${Object.keys(commands).join(' | ')}`)
  process.exit(2)
}
try {
  process.exitCode = await command(args)
} catch (error) {
  say(error.message)
  if (process.env.DEBUG) console.error(error)
  process.exitCode = 1
}
