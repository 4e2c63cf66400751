/** Where the files behind AWS profiles are: what the AWS tools write, and what the SDK reads again for every sign-in. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export type AwsPlaces = { homeDirectory: string; environment: Readonly<Record<string, string | undefined>> }

export type AwsFiles = { config: string; credentials: string; ssoTokens: string; loginTokens: string }

export function awsFiles({ homeDirectory, environment }: AwsPlaces): AwsFiles {
  const folder = join(homeDirectory, '.aws')
  return {
    config: environment['AWS_CONFIG_FILE'] ?? join(folder, 'config'),
    credentials: environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials'),
    ssoTokens: join(folder, 'sso', 'cache'),
    loginTokens: environment['AWS_LOGIN_CACHE_DIRECTORY'] ?? join(folder, 'login', 'cache'),
  }
}

/** Those of this process. */
export function ownAwsPlaces(): AwsPlaces {
  return { homeDirectory: homedir(), environment: process.env }
}
