/** What the readers of other programs' files answer: an account as it could be here, or why it cannot. */
import type { Account, ProviderId, Secret } from '../../contracts/account.ts'
import type { ImportMissing, ImportSource } from '../../contracts/import.ts'

export type FoundAccount = {
  /** With an empty access key where it is missing. */
  account: Omit<Account, 'id'>
  secret?: Secret
  missing: ImportMissing[]
  place?: { bucket: string; prefix: string }
}

export type Found = { source: ImportSource; path: string; name: string } & (FoundAccount | { reason: string })

export type TextFile = { path: string; text: string }

/** By the names of the services' own hosts. */
const hosts: readonly [RegExp, ProviderId][] = [
  [/(^|\.)amazonaws\.com(\.cn)?$/, 'aws'],
  [/\.r2\.cloudflarestorage\.com$/, 'cloudflare-r2'],
  [/\.backblazeb2\.com$/, 'backblaze-b2'],
  [/\.wasabisys\.com$/, 'wasabi'],
  [/\.digitaloceanspaces\.com$/, 'digitalocean-spaces'],
  [/(^|\.)storage\.googleapis\.com$/, 'google-cloud-storage'],
]

export function providerOfHost(host: string): ProviderId {
  return hosts.find(([pattern]) => pattern.test(host))?.[1] ?? 'other'
}

/** What a service's host says of its region, or what the service calls the one it has. */
export function regionOfHost(host: string, provider: ProviderId): string {
  const named =
    /^(?:.+\.)?s3[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-\d+)\.amazonaws\.com/.exec(host) ??
    /^(?:.+\.)?s3\.([a-z0-9-]+)\.(?:backblazeb2|wasabisys)\.com$/.exec(host) ??
    /^(?:.+\.)?([a-z]{3}\d)\.digitaloceanspaces\.com$/.exec(host)
  if (named?.[1]) return named[1]
  return provider === 'cloudflare-r2' || provider === 'google-cloud-storage' ? 'auto' : 'us-east-1'
}

/** Amazon and DigitalOcean expect the bucket in the host; of others only the path is sure to work. */
export function addressingOf(provider: ProviderId): Account['addressing'] {
  return provider === 'aws' || provider === 'digitalocean-spaces' ? 'virtual' : 'path'
}

/** Amazon's usual endpoints follow from the region; one of a private network does not. */
export function ownEndpoint(endpoint: string | undefined): { endpoint?: string } {
  const isUsual = endpoint === undefined || /^s3([.-][a-z0-9-]+)?\.amazonaws\.com$/.test(hostOf(endpoint) ?? '')
  return isUsual ? {} : { endpoint }
}

export function withScheme(address: string): string {
  return /^https?:\/\//i.test(address) ? address : `https://${address}`
}

/** Undefined where it is no web address. */
export function hostOf(address: string): string | undefined {
  try {
    return new URL(address).hostname
  } catch {
    return undefined
  }
}

/** `/bucket/folder/in/it` or `bucket`. */
export function placeOf(path: string): { bucket: string; prefix: string } | undefined {
  const [bucket, ...folders] = path.split('/').filter(Boolean)
  if (bucket === undefined) return undefined
  return { bucket, prefix: folders.map((folder) => `${folder}/`).join('') }
}
