/**
 * Accounts of Cyberduck's and Mountain Duck's bookmarks (`.duck`) and connection profiles (`.cyberduckprofile`), property lists both.
 * Secret keys are in those programs' own keychain entries, and have to be typed.
 */
import { parse } from 'plist'
import { z } from 'zod'
import type { Account } from '../../contracts/account.ts'
import { t } from '../../language/language.ts'
import {
  addressingOf,
  ownEndpoint,
  placeOf,
  providerOfHost,
  regionOfHost,
  type Found,
  type FoundAccount,
  type TextFile,
} from './found.ts'

const text = z.coerce.string().optional()
const bookmarkSchema = z.object({
  Protocol: z.string(),
  Nickname: text,
  Description: text,
  Hostname: text,
  'Default Hostname': text,
  Port: text,
  'Default Port': text,
  Scheme: text,
  Username: text,
  Region: text,
  Path: text,
  'Default Path': text,
})
type Bookmark = z.infer<typeof bookmarkSchema>

/** Throws where the file is no property list. */
export function cyberduckFound(file: TextFile): Found[] {
  const bookmark = bookmarkSchema.safeParse(parse(file.text)).data
  const name = bookmark?.Nickname ?? bookmark?.Description ?? fileName(file.path)
  const entry = { source: 'cyberduck', path: file.path, name } as const
  if (!bookmark) return [{ ...entry, reason: t('main.import.no-bookmark') }]
  if (!/^s3(-|$)/i.test(bookmark.Protocol))
    return [{ ...entry, reason: t('main.import.protocol', { protocol: bookmark.Protocol }) }]
  if (/^s3-(sts|token|.*assumerole.*)/i.test(bookmark.Protocol)) return [{ ...entry, reason: t('main.import.sts') }]
  return [{ ...entry, ...accountOf(name, bookmark) }]
}

function accountOf(name: string, bookmark: Bookmark): FoundAccount | { reason: string } {
  const hostname = bookmark.Hostname || bookmark['Default Hostname']
  if (!hostname) return { reason: t('main.import.no-server') }
  const { host, bucket } = withoutBucket(hostname)
  const provider = providerOfHost(host)
  const port = bookmark.Port || bookmark['Default Port'] || ''
  const isPlain = bookmark.Scheme === 'http' || port === '80'
  const shownPort = port === '' || port === (isPlain ? '80' : '443') ? '' : `:${port}`
  const username = bookmark.Username ?? ''
  const isAnonymous = username === 'anonymous'
  const account: Omit<Account, 'id'> = {
    name,
    provider,
    ...ownEndpoint(`${isPlain ? 'http' : 'https'}://${host}${shownPort}`),
    region: bookmark.Region || regionOfHost(host, provider),
    addressing: addressingOf(provider),
    credentials: isAnonymous ? { kind: 'anonymous' } : { kind: 'static', accessKeyId: username },
  }
  const path = bookmark.Path || bookmark['Default Path'] || ''
  const place = placeOf(bucket === undefined ? path : `${bucket}/${path}`)
  const missing: FoundAccount['missing'] = isAnonymous
    ? []
    : [...(username === '' ? (['accessKeyId'] as const) : []), 'secretAccessKey']
  return { account, missing, ...(place ? { place } : {}) }
}

/** Cyberduck takes a bucket in the host's name for one bucket alone. */
function withoutBucket(hostname: string): { host: string; bucket?: string } {
  const match = /^(.+?)\.(s3[.-][a-z0-9.-]*amazonaws\.com|s3\.[a-z0-9-]+\.(?:wasabisys|backblazeb2)\.com)$/.exec(
    hostname,
  )
  return match?.[1] && match[2] ? { host: match[2], bucket: match[1] } : { host: hostname }
}

function fileName(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? path).replace(/\.(duck|cyberduckprofile)$/, '')
}
