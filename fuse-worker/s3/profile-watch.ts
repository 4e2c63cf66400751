/**
 * Tells when the files behind AWS profiles changed: somebody signed in again (`aws sso login`) or wrote new keys. Looked at by time and
 * size, not by events of the system: the tools replace these files, and the folder may not exist before the first sign-in.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import { awsFiles, type AwsPlaces } from './aws-files.ts'

const lookMs = 5_000

export type ProfileWatch = { stop(): void }

export function watchProfiles(options: {
  places: AwsPlaces
  clock: Clock
  changed: () => void
  everyMs?: number
}): ProfileWatch {
  const { places, clock, changed, everyMs = lookMs } = options
  let known: string | undefined
  let isStopped = false
  let cancel = (): void => undefined
  const look = async (): Promise<void> => {
    const seen = await fingerprint(places)
    if (isStopped) return
    cancel = clock.after(everyMs, () => void look())
    const isChanged = known !== undefined && seen !== known
    known = seen
    if (isChanged) changed()
  }
  void look()
  return {
    stop() {
      isStopped = true
      cancel()
    },
  }
}

async function fingerprint(places: AwsPlaces): Promise<string> {
  const { config, credentials, ssoTokens, loginTokens } = awsFiles(places)
  const tokens = await Promise.all([filesIn(ssoTokens), filesIn(loginTokens)])
  return (await Promise.all([config, credentials, ...tokens.flat()].map(lookOf))).join('\n')
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort().map((name) => join(folder, name))
  } catch {
    return []
  }
}

async function lookOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${path} ${mtimeMs} ${size} ${ino}`
  } catch {
    return path
  }
}
