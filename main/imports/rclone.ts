/** Accounts in an `rclone.conf`: its remotes of type `s3`. Their secret keys stand in it as they are. */
import type { Account, CredentialSource, ProviderId, Secret } from '../../contracts/account.ts'
import type { ImportMissing } from '../../contracts/import.ts'
import {
  addressingOf,
  hostOf,
  ownEndpoint,
  providerOfHost,
  regionOfHost,
  withScheme,
  type Found,
  type FoundAccount,
  type TextFile,
} from './found.ts'
import { parseIni } from '../../contracts/ini.ts'
import { t, type MessageKey } from '../../language/language.ts'

type Remote = ReadonlyMap<string, string>

const providers: Readonly<Record<string, ProviderId>> = {
  AWS: 'aws',
  Ceph: 'ceph',
  Cloudflare: 'cloudflare-r2',
  DigitalOcean: 'digitalocean-spaces',
  GCS: 'google-cloud-storage',
  Minio: 'minio',
  Wasabi: 'wasabi',
}

export function isEncryptedRclone(text: string): boolean {
  return text.split(/\r?\n/).some((line) => line.trim() === 'RCLONE_ENCRYPT_V0:')
}

export function rcloneFound({ path, text }: TextFile): Found[] {
  const remotes = parseIni(text)
  return [...remotes].flatMap(([name, remote]): Found[] => {
    const entry = { source: 'rclone', path, name } as const
    const type = remote.get('type')
    if (type === 's3') return [{ ...entry, ...s3Remote(name, remote) }]
    const reason = wrapperReason(remote, remotes)
    return reason === undefined ? [] : [{ ...entry, reason }]
  })
}

const wrappers: Readonly<Record<string, MessageKey>> = {
  alias: 'main.import.rclone.alias',
  crypt: 'main.import.rclone.crypt',
  cache: 'main.import.rclone.cache',
  chunker: 'main.import.rclone.chunker',
  compress: 'main.import.rclone.compress',
  hasher: 'main.import.rclone.hasher',
}

/** Of what stands on an S3 remote; other remotes are none of our business. */
function wrapperReason(remote: Remote, remotes: ReadonlyMap<string, Remote>): string | undefined {
  const words = wrappers[remote.get('type') ?? '']
  const [below] = (remote.get('remote') ?? '').split(':')
  if (words === undefined || below === undefined) return undefined
  if (remotes.get(below)?.get('type') !== 's3') return undefined
  return t(words, { below })
}

function s3Remote(name: string, remote: Remote): FoundAccount | { reason: string } {
  const text = (key: string) => remote.get(key) || undefined
  const isOn = (key: string) => text(key)?.toLowerCase() === 'true'
  if (isOn('v2_auth') || text('region') === 'other-v2-signature') return { reason: t('main.import.rclone.version-2') }
  if (text('sse_customer_key') ?? text('sse_customer_key_base64') ?? text('sse_customer_algorithm'))
    return { reason: t('main.import.rclone.sse-c') }
  if (isOn('env_auth') && text('shared_credentials_file'))
    return {
      reason: t('main.import.rclone.credentials-file'),
    }

  const endpoint = text('endpoint') === undefined ? undefined : withScheme(text('endpoint') ?? '')
  const host = endpoint === undefined ? 's3.amazonaws.com' : hostOf(endpoint)
  if (host === undefined) return { reason: t('main.import.no-address', { endpoint: endpoint ?? '' }) }
  const provider = providers[text('provider') ?? ''] ?? providerOfHost(host)
  if (endpoint === undefined && provider !== 'aws') return { reason: t('main.import.no-endpoint') }
  const forced = text('force_path_style')
  const account: Omit<Account, 'id'> = {
    name,
    provider,
    ...ownEndpoint(endpoint),
    region: text('region') ?? regionOfHost(host, provider),
    addressing: forced === undefined ? addressingOf(provider) : isOn('force_path_style') ? 'path' : 'virtual',
    ...credentialsOf(remote),
  }
  return { account, ...secretOf(remote, account.credentials) }
}

function credentialsOf(remote: Remote): { credentials: CredentialSource } {
  const accessKeyId = remote.get('access_key_id') ?? ''
  if (accessKeyId !== '' || remote.get('secret_access_key')) return { credentials: { kind: 'static', accessKeyId } }
  if (remote.get('env_auth')?.toLowerCase() !== 'true') return { credentials: { kind: 'anonymous' } }
  const profile = remote.get('profile')
  return { credentials: profile ? { kind: 'profile', profile } : { kind: 'environment' } }
}

function secretOf(remote: Remote, credentials: CredentialSource): Pick<FoundAccount, 'secret' | 'missing'> {
  if (credentials.kind !== 'static') return { missing: [] }
  const secretAccessKey = remote.get('secret_access_key')
  const sessionToken = remote.get('session_token')
  const missing: ImportMissing[] = [
    ...(credentials.accessKeyId === '' ? (['accessKeyId'] as const) : []),
    ...(secretAccessKey ? [] : (['secretAccessKey'] as const)),
  ]
  if (!secretAccessKey) return { missing }
  const secret: Secret = { secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  return { missing, secret }
}
