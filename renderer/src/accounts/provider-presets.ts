import type { Account, ProviderId } from '../../../contracts/account.ts'

/** What to ask for each provider, so that a person types as little as possible. */
export type ProviderPreset = {
  id: ProviderId
  name: string
  /** The one thing that makes the endpoint, put where `{}` stands. Absent: the endpoint itself is asked for. */
  template?: { url: string; label: string; placeholder: string; hint: string; isRegion: boolean }
  /** The endpoint when nothing has to be asked: `null` leaves the choice to the region. */
  endpoint?: string | null
  endpointPlaceholder?: string
  region: string
  addressing: Account['addressing']
  keyHint: string
}

export const providerPresets: readonly ProviderPreset[] = [
  {
    id: 'aws',
    name: 'Amazon S3',
    endpoint: null,
    region: 'us-east-1',
    addressing: 'virtual',
    keyHint: 'In the AWS console: IAM, Users, Security credentials.',
  },
  {
    id: 'cloudflare-r2',
    name: 'Cloudflare R2',
    template: {
      url: 'https://{}.r2.cloudflarestorage.com',
      label: 'Account ID',
      placeholder: '32 letters and digits',
      hint: 'On the R2 overview page of the Cloudflare dashboard.',
      isRegion: false,
    },
    region: 'auto',
    addressing: 'path',
    keyHint: 'In the Cloudflare dashboard: R2, Manage API tokens.',
  },
  {
    id: 'backblaze-b2',
    name: 'Backblaze B2',
    template: {
      url: 'https://s3.{}.backblazeb2.com',
      label: 'Region',
      placeholder: 'us-west-004',
      hint: 'The middle of the endpoint shown beside the bucket.',
      isRegion: true,
    },
    region: 'us-west-004',
    addressing: 'path',
    keyHint: 'In Backblaze: Application keys. The key ID is the access key.',
  },
  {
    id: 'wasabi',
    name: 'Wasabi',
    template: {
      url: 'https://s3.{}.wasabisys.com',
      label: 'Region',
      placeholder: 'eu-central-1',
      hint: 'Shown beside the bucket in the Wasabi console.',
      isRegion: true,
    },
    region: 'us-east-1',
    addressing: 'path',
    keyHint: 'In the Wasabi console: Access keys.',
  },
  {
    id: 'minio',
    name: 'MinIO',
    endpointPlaceholder: 'https://minio.example.com:9000',
    region: 'us-east-1',
    addressing: 'path',
    keyHint: 'In the MinIO console: Access keys.',
  },
  {
    id: 'digitalocean-spaces',
    name: 'DigitalOcean Spaces',
    template: {
      url: 'https://{}.digitaloceanspaces.com',
      label: 'Datacenter region',
      placeholder: 'fra1',
      hint: 'The part of the Space’s address before “digitaloceanspaces.com”.',
      isRegion: true,
    },
    region: 'fra1',
    addressing: 'virtual',
    keyHint: 'In the DigitalOcean panel: API, Spaces keys.',
  },
  {
    id: 'google-cloud-storage',
    name: 'Google Cloud Storage',
    endpoint: 'https://storage.googleapis.com',
    region: 'auto',
    addressing: 'path',
    keyHint: 'An HMAC key: Cloud Storage, Settings, Interoperability.',
  },
  {
    id: 'ceph',
    name: 'Ceph',
    endpointPlaceholder: 'https://rgw.example.com',
    region: 'default',
    addressing: 'path',
    keyHint: 'From whoever runs the Ceph gateway.',
  },
  {
    id: 'other',
    name: 'Other',
    endpointPlaceholder: 'https://s3.example.com',
    region: 'us-east-1',
    addressing: 'path',
    keyHint: 'From your storage provider.',
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
