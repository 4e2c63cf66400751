import type { CredentialSource } from '../../../contracts/account.ts'
import type { ImportCandidate, ImportMissing, ImportOutcome, ImportSource } from '../../../contracts/import.ts'
import { plural } from './quantities.ts'

export const sourceWords: Record<ImportSource, string> = {
  aws: 'AWS profiles',
  rclone: 'rclone',
  cyberduck: 'Cyberduck and Mountain Duck',
}

export const missingWords: Record<ImportMissing, string> = {
  accessKeyId: 'Access key',
  secretAccessKey: 'Secret key',
}

type Becomes = Extract<ImportCandidate['becomes'], { kind: 'account' }>

/** Where it is and how it signs in, in one line. */
export function becomesInWords(becomes: Becomes): string {
  const where = becomes.endpoint ?? `Amazon S3, ${becomes.region}`
  return `${where} · ${becomes.credentials ? signInWords(becomes.credentials) : 'the access key is missing'}`
}

function signInWords(credentials: CredentialSource): string {
  switch (credentials.kind) {
    case 'static':
      return `access key ${credentials.accessKeyId}`
    case 'profile':
      return 'refers to the profile, its keys stay where they are'
    case 'environment':
      return 'keys from the environment'
    case 'anonymous':
      return 'no keys'
  }
}

/** Why there is nothing left to take over, if so. */
export function settledInWords(candidate: ImportCandidate): string | undefined {
  const { becomes } = candidate
  if (becomes.kind === 'nothing') return becomes.reason
  return becomes.existing?.hasDrive ? `Already here as “${becomes.existing.name}”.` : undefined
}

export function importedInWords(outcomes: readonly ImportOutcome[], added: number): string {
  const drives = outcomes.filter(({ driveName }) => driveName !== undefined).length
  const parts = [...(added > 0 ? [plural(added, 'account')] : []), ...(drives > 0 ? [plural(drives, 'drive')] : [])]
  const isOne = added + drives === 1
  return `${parts.join(' and ')} ${isOne ? 'was' : 'were'} imported.`
}
