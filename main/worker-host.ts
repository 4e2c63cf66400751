/** The fuse-worker as an Electron utility process: the only user of utilityProcess. */
import { utilityProcess } from 'electron'
import { languageArgument } from '../contracts/worker-protocol.ts'
import { languageInUse } from '../language/language.ts'
import type { RunningWorker, WorkerHost } from './drive-supervisor.ts'
import { workerEnded } from './worker-ended.ts'

/** From being asked to end until it is made to: enough to unmount and close the database. */
const graceMs = 5000

export function utilityWorkerHost(options: {
  workerPath: string
  /** Lines the worker wrote to its standard streams. */
  onOutput(label: string, line: string): void
}): WorkerHost {
  return {
    start(label): RunningWorker {
      const child = utilityProcess.fork(options.workerPath, [`${languageArgument}${languageInUse().tag}`], {
        serviceName: 'CloudMount drive',
        stdio: 'pipe',
      })
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (data: Buffer) => {
          for (const line of data.toString('utf8').split('\n')) if (line !== '') options.onOutput(label, line)
        })

      let hasEnded = false
      let timer: NodeJS.Timeout | undefined
      const kill = () => {
        if (!hasEnded && child.pid !== undefined) tryKill(child.pid)
      }
      child.once('exit', () => {
        hasEnded = true
        clearTimeout(timer)
      })
      return {
        port: {
          post: (message) => child.postMessage(message),
          onMessage: (listener) => void child.on('message', listener),
          onClose: (listener) => void child.once('exit', (code) => listener(workerEnded(label, code))),
        },
        end() {
          if (hasEnded) return
          child.kill()
          timer = setTimeout(kill, graceMs)
        },
        kill,
      }
    },
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself just now.
  }
}
