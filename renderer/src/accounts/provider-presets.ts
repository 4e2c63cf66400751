import type { Account, ProviderId } from '../../../contracts/account.ts'
import { t } from '../../../language/language.ts'
import type { MessageKey } from '../../../language/language.ts'

/** What to ask for each provider, so that a person types as little as possible. */
export type ProviderPreset = {
  id: ProviderId
  name: string
  /** The one thing that makes the endpoint, put where `{}` stands. Absent: the endpoint itself is asked for. */
  template?: { url: string; label: MessageKey; placeholder: string; hint: MessageKey; isRegion: boolean }
  /** The endpoint when nothing has to be asked: `null` leaves the choice to the region. */
  endpoint?: string | null
  endpointPlaceholder?: string
  region: string
  addressing: Account['addressing']
  keyHint: MessageKey
}

export const providerPresets: readonly ProviderPreset[] = [
  {
    id: 'aws',
    name: 'Amazon S3',
    endpoint: null,
    region: 'us-east-1',
    addressing: 'virtual',
    keyHint: 'accounts.in-the-aws-console-iam',
  },
  {
    id: 'cloudflare-r2',
    name: 'Cloudflare R2',
    template: {
      url: 'https://{}.r2.cloudflarestorage.com',
      label: 'accounts.account-id',
      placeholder: '32 letters and digits',
      hint: 'accounts.on-the-r2-overview-page',
      isRegion: false,
    },
    region: 'auto',
    addressing: 'path',
    keyHint: 'accounts.in-the-cloudflare-dashboard-r2',
  },
  {
    id: 'backblaze-b2',
    name: 'Backblaze B2',
    template: {
      url: 'https://s3.{}.backblazeb2.com',
      label: 'accounts.region',
      placeholder: 'us-west-004',
      hint: 'accounts.the-middle-of-the-endpoint',
      isRegion: true,
    },
    region: 'us-west-004',
    addressing: 'path',
    keyHint: 'accounts.in-backblaze-application-keys-the',
  },
  {
    id: 'wasabi',
    name: 'Wasabi',
    template: {
      url: 'https://s3.{}.wasabisys.com',
      label: 'accounts.region',
      placeholder: 'eu-central-1',
      hint: 'accounts.shown-beside-the-bucket-in',
      isRegion: true,
    },
    region: 'us-east-1',
    addressing: 'path',
    keyHint: 'accounts.in-the-wasabi-console-access',
  },
  {
    id: 'minio',
    name: 'MinIO',
    endpointPlaceholder: 'https://minio.example.com:9000',
    region: 'us-east-1',
    addressing: 'path',
    keyHint: 'accounts.in-the-minio-console-access',
  },
  {
    id: 'digitalocean-spaces',
    name: 'DigitalOcean Spaces',
    template: {
      url: 'https://{}.digitaloceanspaces.com',
      label: 'accounts.datacenter-region',
      placeholder: 'fra1',
      hint: 'accounts.the-part-of-the-spaces',
      isRegion: true,
    },
    region: 'fra1',
    addressing: 'virtual',
    keyHint: 'accounts.in-the-digitalocean-panel-api',
  },
  {
    id: 'google-cloud-storage',
    name: 'Google Cloud Storage',
    endpoint: 'https://storage.googleapis.com',
    region: 'auto',
    addressing: 'path',
    keyHint: 'accounts.an-hmac-key-cloud-storage',
  },
  {
    id: 'ceph',
    name: 'Ceph',
    endpointPlaceholder: 'https://rgw.example.com',
    region: 'default',
    addressing: 'path',
    keyHint: 'accounts.from-whoever-runs-the-ceph',
  },
  {
    id: 'other',
    get name() {
      return t('accounts.provider.other')
    },
    endpointPlaceholder: 'https://s3.example.com',
    region: 'us-east-1',
    addressing: 'path',
    keyHint: 'accounts.from-your-storage-provider',
  },
]

export function presetOf(id: ProviderId): ProviderPreset {
  const preset = providerPresets.find((candidate) => candidate.id === id)
  if (preset === undefined) throw new Error(`no preset for ${id}`)
  return preset
}

export function endpointFrom(template: string, part: string): string {
  return template.replace('{}', part)
}

/** The part of an endpoint that its template asks for, or undefined where the endpoint is another. */
export function partOf(template: string, endpoint: string): string | undefined {
  const [before = '', after = ''] = template.split('{}')
  const plain = endpoint.replace(/\/+$/, '')
  if (!plain.startsWith(before) || !plain.endsWith(after)) return undefined
  const part = plain.slice(before.length, plain.length - after.length)
  return part !== '' && !part.includes('/') ? part : undefined
}
