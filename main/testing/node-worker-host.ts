/** Workers as plain Node processes, for tests of main that run without Electron. */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { RunningWorker, WorkerHost } from '../drive-supervisor.ts'
import { workerEnded } from '../worker-ended.ts'

export type NodeWorkerHost = WorkerHost & {
  /** Every process started so far. */
  children: ChildProcess[]
}

export function nodeWorkerHost(): NodeWorkerHost {
  const script = fileURLToPath(new URL('fake-worker.mjs', import.meta.url))
  const children: ChildProcess[] = []
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  return {
    children,
    start(label): RunningWorker {
      const child = fork(script, [], { execArgv: [] })
      children.push(child)
      return {
        port: {
          post: (message) => void child.send(message, () => {}),
          onMessage: (listener) => void child.on('message', listener),
          onClose: (listener) => void child.once('exit', (code) => listener(workerEnded(label, code ?? -1))),
        },
        end: () => void child.kill('SIGTERM'),
        kill: () => void child.kill('SIGKILL'),
      }
    },
  }
}
