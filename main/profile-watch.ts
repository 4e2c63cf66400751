/**
 * Tells when the files behind AWS profiles changed: somebody signed in again (`aws sso login`) or wrote new keys. Looked at by time and
 * size, not by events of the system: the tools replace these files, and the folder may not exist before the first sign-in.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const lookMs = 5_000

export type ProfileWatch = { stop(): void }

export function watchProfiles(options: {
  homeDirectory: string
  environment: Readonly<Record<string, string | undefined>>
  changed: () => void
  everyMs?: number
}): ProfileWatch {
  const { everyMs = lookMs } = options
  let known: string | undefined
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    const seen = await fingerprint(options)
    if (isStopped) return
    if (known !== undefined && seen !== known) options.changed()
    known = seen
    timer = setTimeout(() => void look(), everyMs)
    timer.unref()
  }
  void look()
  return {
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

type Places = Pick<Parameters<typeof watchProfiles>[0], 'homeDirectory' | 'environment'>

async function fingerprint({ homeDirectory, environment }: Places): Promise<string> {
  const folder = join(homeDirectory, '.aws')
  const tokens = join(folder, 'sso', 'cache')
  const files = [
    environment['AWS_CONFIG_FILE'] ?? join(folder, 'config'),
    environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials'),
    ...(await namesIn(tokens)).map((name) => join(tokens, name)),
  ]
  return (await Promise.all(files.map(lookOf))).join('\n')
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
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
