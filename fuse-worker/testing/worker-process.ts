/** A worker as a process of its own, for tests that use a real mount: whoever serves a mount must never be the one who uses it. */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureBundles } from '../../build/bundle.mjs'
import { WorkerLink } from '../../contracts/worker-client.ts'
import { languageArgument, type DriveEvent } from '../../contracts/worker-protocol.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const startDeadlineMs = 30_000

export type WorkerProcess = {
  link: WorkerLink
  events: DriveEvent[]
  /** What it wrote to its log, for a failing test. */
  log: () => string
  /** Ends it the way a host that has gone does, and waits. */
  end(): Promise<void>
  /** Ends it the way a crash does, and waits. */
  kill(): Promise<void>
}

/** `environment` on top of that of the test. */
export async function startWorkerProcess(environment: NodeJS.ProcessEnv = {}, language = 'en'): Promise<WorkerProcess> {
  await ensureBundles(root, ['worker'], () => undefined)
  const child = fork(`${root}out/worker/worker.cjs`, [`${languageArgument}${language}`], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: { ...process.env, ...environment },
  })
  let output = ''
  child.stderr?.on('data', (data: Buffer) => {
    output += data.toString()
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const events: DriveEvent[] = []
  const link = new WorkerLink({
    port: {
      // To one that has just died: `onClose` tells of that.
      post: (message) => void child.send(message, () => undefined),
      onMessage: (listener) => void child.on('message', listener),
      onClose: (listener) =>
        void child.once('exit', (code, signal) =>
          listener({
            code: 'worker-crashed',
            message: `the worker ended (${code ?? signal})`,
            detail: output.slice(-2_000),
          }),
        ),
    },
    onEvent: (event) => void events.push(event),
    onSnapshot: () => undefined,
  })
  await link.ready(startDeadlineMs)
  return {
    link,
    events,
    log: () => output,
    end: async () => {
      if (isRunning(child) && child.connected) child.disconnect()
      await ended
    },
    kill: async () => {
      if (isRunning(child)) child.kill('SIGKILL')
      await ended
    },
  }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null
