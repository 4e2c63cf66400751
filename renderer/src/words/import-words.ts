import type { CredentialSource } from '../../../contracts/account.ts'
import type { ImportCandidate, ImportMissing, ImportOutcome, ImportSource } from '../../../contracts/import.ts'
import { t, type MessageKey } from '../../../language/language.ts'

export const sourceWords: Record<ImportSource, MessageKey> = {
  aws: 'imports.source.aws',
  rclone: 'imports.source.rclone',
  cyberduck: 'imports.source.cyberduck',
}

export const missingWords: Record<ImportMissing, MessageKey> = {
  accessKeyId: 'imports.access-key',
  secretAccessKey: 'imports.secret-key',
}

type Becomes = Extract<ImportCandidate['becomes'], { kind: 'account' }>

/** Where it is and how it signs in, in one line. */
export function becomesInWords(becomes: Becomes): string {
  const where = becomes.endpoint ?? t('imports.amazon', { region: becomes.region })
  const signIn = becomes.credentials ? signInWords(becomes.credentials) : t('imports.sign-in.missing')
  return t('imports.becomes', { where, signIn })
}

function signInWords(credentials: CredentialSource): string {
  switch (credentials.kind) {
    case 'static':
      return t('imports.sign-in.static', { key: credentials.accessKeyId })
    case 'profile':
      return t('imports.sign-in.profile')
    case 'environment':
      return t('imports.sign-in.environment')
    case 'anonymous':
      return t('imports.sign-in.anonymous')
  }
}

/** Why there is nothing left to take over, if so. */
export function settledInWords(candidate: ImportCandidate): string | undefined {
  const { becomes } = candidate
  if (becomes.kind === 'nothing') return becomes.reason
  return becomes.existing?.hasDrive ? t('imports.settled', { name: becomes.existing.name }) : undefined
}

export function importedInWords(outcomes: readonly ImportOutcome[], added: number): string {
  const drives = outcomes.filter(({ driveName }) => driveName !== undefined).length
  return t('imports.done', { accounts: added, drives })
}
