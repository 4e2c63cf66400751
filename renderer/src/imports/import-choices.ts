import type { ImportCandidate, ImportChoice, ImportMissing } from '../../../contracts/import.ts'
import { t } from '../../../language/language.ts'
import { settledInWords } from '../words/import-words.ts'

/** What the person says of one found entry. */
export type ImportForm = {
  isChosen: boolean
  addsDrive: boolean
  accessKeyId: string
  secretAccessKey: string
}

export type ImportErrors = Partial<Record<ImportMissing, string>>

/** Nothing is chosen beforehand: another program's accounts are taken over one by one, not by a wrong click. */
export function emptyImportForm(): ImportForm {
  return { isChosen: false, addsDrive: true, accessKeyId: '', secretAccessKey: '' }
}

export function canBeChosen(candidate: ImportCandidate): boolean {
  return settledInWords(candidate) === undefined
}

/** Keys are asked for where a new account is made of it. */
export function missingOf({ becomes }: ImportCandidate): ImportMissing[] {
  return becomes.kind === 'account' && !becomes.existing ? becomes.missing : []
}

export function importErrors(candidate: ImportCandidate, form: ImportForm): ImportErrors {
  if (!form.isChosen) return {}
  const words = { accessKeyId: t('imports.access-key.missing'), secretAccessKey: t('imports.secret-key.missing') }
  const empty = missingOf(candidate).filter((field) => form[field].trim() === '')
  return Object.fromEntries(empty.map((field) => [field, words[field]]))
}

export function choiceOf(candidate: ImportCandidate, form: ImportForm): ImportChoice {
  const missing = missingOf(candidate)
  return {
    id: candidate.id,
    addsDrive: form.addsDrive && candidate.becomes.kind === 'account' && candidate.becomes.place !== undefined,
    ...(missing.includes('accessKeyId') ? { accessKeyId: form.accessKeyId.trim() } : {}),
    ...(missing.includes('secretAccessKey') ? { secret: { secretAccessKey: form.secretAccessKey.trim() } } : {}),
  }
}

/** Whether a secret key will have to be kept somewhere. */
export function bringsSecret({ becomes }: ImportCandidate): boolean {
  return (
    becomes.kind === 'account' &&
    !becomes.existing &&
    (becomes.credentials === undefined || becomes.credentials.kind === 'static')
  )
}
