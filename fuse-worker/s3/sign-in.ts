/**
 * When the sign-in behind an account ends, and how a person signs in again, as far as the files of the AWS tools say. Reads no key: the
 * SDK does that for itself. Where a tool renews by itself (a refresh token, a process that gives keys) no end is named.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CredentialSource, Secret } from '../../contracts/account.ts'
import type { SignIn } from '../../contracts/drive.ts'
import { parseIni } from '../../contracts/ini.ts'
import { awsFiles, type AwsPlaces } from './aws-files.ts'

type Profile = ReadonlyMap<string, string>
type Profiles = ReadonlyMap<string, Profile>

/** Where the tools that write temporary keys into `credentials` note their end. */
const endNames = ['aws_expiration', 'aws_session_expiration', 'x_security_token_expires', 'expiration']
/** Profiles may lean on each other in a ring. */
const mostProfiles = 10

/** Undefined for keys that do not end. */
export async function signInOf(
  source: CredentialSource,
  secret: Secret,
  places: AwsPlaces,
): Promise<SignIn | undefined> {
  switch (source.kind) {
    case 'static':
      return secret.sessionToken ? {} : undefined
    case 'profile':
      return profileSignIn(source.profile, places)
    case 'environment':
      return environmentSignIn(places)
    case 'anonymous':
      return undefined
  }
}

async function environmentSignIn(places: AwsPlaces): Promise<SignIn | undefined> {
  const { environment } = places
  if (environment['AWS_ACCESS_KEY_ID'] === undefined)
    return profileSignIn(environment['AWS_PROFILE'] ?? 'default', places)
  return environment['AWS_SESSION_TOKEN'] ? ending(environment['AWS_CREDENTIAL_EXPIRATION']) : undefined
}

async function profileSignIn(name: string, places: AwsPlaces): Promise<SignIn | undefined> {
  const { config, credentials } = awsFiles(places)
  const profiles = profilesOf(await textOf(config), await textOf(credentials))
  const { name: source, profile } = sourceOf(name, profiles)
  if (profile === undefined) return undefined
  const token = profile.get('sso_session') ?? profile.get('sso_start_url')
  if (token !== undefined)
    return { command: `aws sso login --profile ${quoted(source)}`, ...(await ssoEnd(token, places)) }
  if (profile.has('login_session')) return { command: `aws login --profile ${quoted(source)}` }
  if (!profile.has('aws_session_token')) return undefined
  return ending(endNames.map((end) => profile.get(end)).find((end) => end !== undefined))
}

/** The profile that a person signs in to: a role is assumed anew by itself as long as its source is signed in. */
function sourceOf(first: string, profiles: Profiles): { name: string; profile: Profile | undefined } {
  let name = first
  for (let steps = 0; steps < mostProfiles; steps++) {
    const profile = profiles.get(name)
    const source = profile?.has('role_arn') === true ? profile.get('source_profile') : undefined
    if (source === undefined || source === name) return { name, profile }
    name = source
  }
  return { name: first, profile: undefined }
}

/** What `credentials` says of a profile goes before what `config` says, as in the SDK. */
export function profilesOf(config: string, credentials: string): Profiles {
  const profiles = new Map<string, Map<string, string>>()
  for (const [section, values] of parseIni(config)) {
    const named = /^profile\s+(["']?)(.+)\1$/.exec(section)?.[2]
    const name = section === 'default' ? section : named
    if (name !== undefined) profiles.set(name, new Map(values))
  }
  for (const [name, values] of parseIni(credentials))
    profiles.set(name, new Map([...(profiles.get(name) ?? []), ...values]))
  return profiles
}

async function ssoEnd(token: string, places: AwsPlaces): Promise<SignIn> {
  const name = `${createHash('sha1').update(token).digest('hex')}.json`
  const known = parsed(await textOf(join(awsFiles(places).ssoTokens, name)))
  return typeof known.refreshToken === 'string' ? {} : ending(known.expiresAt)
}

function ending(text: unknown): SignIn {
  const endsAt = typeof text === 'string' ? Date.parse(text) : NaN
  return Number.isFinite(endsAt) ? { endsAt } : {}
}

/** As a shell takes it for one word. */
function quoted(name: string): string {
  return /^[\w.@:/+-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}

function parsed(text: string): { expiresAt?: unknown; refreshToken?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
