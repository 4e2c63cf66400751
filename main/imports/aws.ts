/** Accounts of the profiles in `~/.aws`. A profile is referred to: its keys stay there, and a new sign-in is used at once. */
import type { Found, TextFile } from './found.ts'
import { addressingOf, hostOf, ownEndpoint, providerOfHost, withScheme } from './found.ts'
import { parseIni } from '../../contracts/ini.ts'

/** In `config` a profile's section is `[profile NAME]` save for `[default]`; in `credentials` it is `[NAME]`. */
export function awsFound(config: TextFile | undefined, credentials: TextFile | undefined): Found[] {
  const profiles = new Map<string, { path: string; values: ReadonlyMap<string, string> }>()
  for (const [name, values] of parseIni(credentials?.text ?? ''))
    if (credentials) profiles.set(name, { path: credentials.path, values })
  for (const [section, values] of parseIni(config?.text ?? '')) {
    const name = section === 'default' ? section : unquoted(/^profile\s+(.+)$/.exec(section)?.[1])
    if (config && name) profiles.set(name, { path: config.path, values })
  }
  return [...profiles].map(([profile, { path, values }]): Found => {
    const endpoint = values.get('endpoint_url') ? withScheme(values.get('endpoint_url') ?? '') : undefined
    const provider = endpoint === undefined ? 'aws' : providerOfHost(hostOf(endpoint) ?? '')
    const addressing = values.get('addressing_style')
    const account = {
      name: profile === 'default' ? 'AWS' : profile,
      provider,
      ...ownEndpoint(endpoint),
      region: values.get('region') || 'us-east-1',
      addressing: addressing === 'path' || addressing === 'virtual' ? addressing : addressingOf(provider),
      credentials: { kind: 'profile', profile },
    } as const
    return { source: 'aws', path, name: profile, account, missing: [] }
  })
}

function unquoted(name: string | undefined): string | undefined {
  return name?.trim().replace(/^(["'])(.*)\1$/, '$2')
}
