import type { KeyFileState } from '../../../contracts/ipc.ts'
import { shortestPassphrase } from '../../../contracts/passphrase.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { Application } from '../state/application.svelte.ts'
import { t } from '../../../language/language.ts'

/** Where a secret key goes on a computer without a keychain. */
export type KeyPlace = 'file' | 'session'
export type KeyPlaceForm = { place: KeyPlace; passphrase: string; repeated: string }
export type PassphraseErrors = { passphrase?: string; repeated?: string }

export function emptyKeyPlace(): KeyPlaceForm {
  return { place: 'file', passphrase: '', repeated: '' }
}

/** An open key file takes every key without asking again. */
export function mustChoosePlace(state: { keychainProblem: Problem | undefined; keyFile: KeyFileState }): boolean {
  return state.keychainProblem !== undefined && state.keyFile === 'absent'
}

export function passphraseErrors({ passphrase, repeated }: Omit<KeyPlaceForm, 'place'>): PassphraseErrors {
  if (passphrase.length < shortestPassphrase)
    return { passphrase: t('accounts.passphrase.short', { count: shortestPassphrase }) }
  return passphrase === repeated ? {} : { repeated: t('accounts.the-two-are-not-the') }
}

export function keyPlaceErrors(form: KeyPlaceForm): PassphraseErrors {
  return form.place === 'session' ? {} : passphraseErrors(form)
}

/** Makes the key file where it was chosen; answers what stands in the way. */
export async function preparePlace(application: Application, form: KeyPlaceForm): Promise<Problem | undefined> {
  if (form.place === 'session') return undefined
  const reply = await application.request('keys:create', { passphrase: form.passphrase })
  // Made by another dialog meanwhile: it takes the key as well.
  return reply.ok || reply.problem.code === 'already-exists' ? undefined : reply.problem
}
