/** A fuse-worker as a child of plain Node, spoken to through Node's own channel; secrets travel there and nowhere else. */
import { fork, type ChildProcess } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { languageArgument } from '../contracts/worker-protocol.ts'
import { languageInUse } from '../language/language.ts'
import { WorkerLink, type WorkerLinkOptions } from '../contracts/worker-client.ts'

const startDeadlineMs = 20_000

export type WorkerProcess = { link: WorkerLink; child: ChildProcess }

/** `logTo` is a file descriptor for the worker's log, or `inherit`. */
export async function startWorker(
  observers: Omit<WorkerLinkOptions, 'port'>,
  logTo: number | 'inherit',
): Promise<WorkerProcess> {
  const child = fork(workerPath(), [`${languageArgument}${languageInUse().tag}`], {
    serialization: 'advanced',
    stdio: ['ignore', logTo, logTo, 'ipc'],
    // Its own group: Ctrl-C is for the host, which then unmounts in good order.
    detached: true,
  })
  const link = new WorkerLink({
    ...observers,
    port: {
      post: (message) => {
        // One that has just died is no reason to die as well: `onClose` tells of it.
        if (child.connected) child.send(message, () => undefined)
      },
      onMessage: (listener) => child.on('message', listener),
      onClose: (listener) =>
        child.on('exit', (code, signal) =>
          listener({
            code: 'worker-crashed',
            message: `The drive's process ended (${signal ?? `code ${code}`}).`,
            consequence: 'Files already written are kept on this computer.',
          }),
        ),
    },
  })
  await link.ready(startDeadlineMs)
  return { link, child }
}

function workerPath(): string {
  const script = process.argv[1]
  if (script === undefined) throw new Error('started without a script')
  return join(dirname(realpathSync(script)), '..', 'worker', 'worker.cjs')
}
