/** The names of the profiles in `~/.aws`: names only, the values stay where they are. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export async function awsProfiles(options: {
  homeDirectory: string
  environment: Readonly<Record<string, string | undefined>>
}): Promise<string[]> {
  const folder = join(options.homeDirectory, '.aws')
  const [config, credentials] = await Promise.all([
    readText(options.environment['AWS_CONFIG_FILE'] ?? join(folder, 'config')),
    readText(options.environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials')),
  ])
  const names = new Set([...profileNames(config, 'config'), ...profileNames(credentials, 'credentials')])
  return [...names].sort((a, b) => a.localeCompare(b))
}

/** In `config` a profile's section is `[profile NAME]` save for `[default]`; in `credentials` it is `[NAME]`. */
export function profileNames(text: string, file: 'config' | 'credentials'): string[] {
  return text.split('\n').flatMap((line) => {
    const section = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim()
    if (section === undefined) return []
    if (file === 'credentials' || section === 'default') return [section]
    const name = /^profile\s+(.+)$/
      .exec(section)?.[1]
      ?.trim()
      .replace(/^(["'])(.*)\1$/, '$2')
    return name === undefined || name === '' ? [] : [name]
  })
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}
