/** The host's end of the line, whichever host it is: Electron's utility process or Node's IPC channel. */
import type { HostPort, WorkerMessage } from '../contracts/worker-protocol.ts'

/** The part of Electron's `process.parentPort` that is used; declared here because a worker imports nothing of Electron. */
type ParentPort = {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
}

export function findHostPort(): HostPort {
  const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort
  if (parentPort !== undefined) return electronPort(parentPort)
  if (process.send !== undefined) return nodePort()
  throw new Error('a worker is started by CloudMount, not by hand')
}

function electronPort(port: ParentPort): HostPort {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
    onClose: (listener) => port.on('close', listener),
  }
}

function nodePort(): HostPort {
  return {
    post: (message: WorkerMessage) => {
      if (process.connected) process.send?.(message)
    },
    onMessage: (listener) => process.on('message', listener),
    onClose: (listener) => process.on('disconnect', listener),
  }
}
