/**
 * Takes a mount away: politely while nothing uses it, lazily when told to. The commands are tried in the order that needs
 * the least privilege. They run as other processes, because the one that serves a mount must never wait for it.
 */
import { execFile } from 'node:child_process'

export type DetachOutcome = { kind: 'detached' } | { kind: 'busy'; detail: string } | { kind: 'failed'; detail: string }

type Command = readonly [program: string, ...args: string[]]

export function detachCommands(mountpoint: string, isLazy: boolean, platform: NodeJS.Platform): Command[] {
  if (platform === 'darwin') {
    return isLazy
      ? [
          ['/usr/sbin/diskutil', 'unmount', 'force', mountpoint],
          ['/sbin/umount', '-f', mountpoint],
        ]
      : [
          ['/sbin/umount', mountpoint],
          ['/usr/sbin/diskutil', 'unmount', mountpoint],
        ]
  }
  const flags = isLazy ? '-uz' : '-u'
  const umount: Command = isLazy ? ['umount', '-l', mountpoint] : ['umount', mountpoint]
  return [['fusermount', flags, '--', mountpoint], ['fusermount3', flags, '--', mountpoint], umount]
}

export async function detach(
  mountpoint: string,
  isLazy: boolean,
  platform: NodeJS.Platform = process.platform,
): Promise<DetachOutcome> {
  let outcome: DetachOutcome = { kind: 'failed', detail: 'no program to unmount with was found' }
  for (const [program, ...args] of detachCommands(mountpoint, isLazy, platform)) {
    const attempt = await attemptDetach(program, args)
    if (attempt === undefined) continue
    if (attempt.kind !== 'failed') return attempt
    outcome = attempt
  }
  return outcome
}

/** Undefined when the program is not there. */
function attemptDetach(program: string, args: string[]): Promise<DetachOutcome | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, LC_ALL: 'C' } }, (error, _stdout, stderr) => {
      if (error === null) resolve({ kind: 'detached' })
      else if (error.code === 'ENOENT') resolve(undefined)
      else resolve({ kind: /busy/i.test(stderr) ? 'busy' : 'failed', detail: stderr.trim() || error.message })
    })
  })
}
