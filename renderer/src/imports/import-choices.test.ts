import { describe, expect, it } from 'vitest'
import type { ImportCandidate } from '../../../contracts/import.ts'
import { becomesInWords, importedInWords, settledInWords } from '../words/import-words.ts'
import { bringsSecret, canBeChosen, choiceOf, emptyImportForm, importErrors } from './import-choices.ts'

function candidate(change: object = {}): ImportCandidate {
  return {
    id: 'i',
    source: 'cyberduck',
    path: '/b.duck',
    name: 'Studio',
    becomes: {
      kind: 'account',
      provider: 'aws',
      region: 'eu-west-1',
      credentials: { kind: 'static', accessKeyId: 'AK' },
      missing: ['secretAccessKey'],
      place: { bucket: 'photos', prefix: '' },
      ...change,
    },
  }
}
const chosen = { ...emptyImportForm(), isChosen: true }

describe('an entry to import', () => {
  it('asks for what is missing, once it is chosen', () => {
    expect(importErrors(candidate(), emptyImportForm())).toEqual({})
    expect(importErrors(candidate(), chosen)).toEqual({ secretAccessKey: 'Enter the secret key.' })
    expect(importErrors(candidate(), { ...chosen, secretAccessKey: 'x' })).toEqual({})
    expect(choiceOf(candidate(), { ...chosen, secretAccessKey: ' x ' })).toEqual({
      id: 'i',
      addsDrive: true,
      secret: { secretAccessKey: 'x' },
    })
  })

  it('asks for no keys of an account that is here, only for its drive', () => {
    const here = candidate({ existing: { name: 'Work', hasDrive: false } })
    expect(importErrors(here, chosen)).toEqual({})
    expect(choiceOf(here, chosen)).toEqual({ id: 'i', addsDrive: true })
    expect([canBeChosen(here), bringsSecret(here)]).toEqual([true, false])
  })

  it('is not offered where there is nothing left to take over', () => {
    const done = candidate({ existing: { name: 'Work', hasDrive: true } })
    expect([canBeChosen(done), settledInWords(done)]).toEqual([false, 'Already here as “Work”.'])
    const refused: ImportCandidate = { ...candidate(), becomes: { kind: 'nothing', reason: 'Why.' } }
    expect([canBeChosen(refused), settledInWords(refused), bringsSecret(refused)]).toEqual([false, 'Why.', false])
  })

  it('brings a secret key only where it signs with keys of its own', () => {
    expect(bringsSecret(candidate())).toBe(true)
    expect(bringsSecret(candidate({ credentials: undefined }))).toBe(true)
    expect(bringsSecret(candidate({ credentials: { kind: 'profile', profile: 'p' } }))).toBe(false)
  })
})

it('says in words what comes of it', () => {
  const { becomes } = candidate()
  if (becomes.kind !== 'account') throw new Error('not an account')
  expect(becomesInWords(becomes)).toBe('Amazon S3, eu-west-1 · access key AK')
  expect(importedInWords([{ id: '1', driveName: 'a' }], 1)).toBe('1 account and 1 drive were imported.')
  expect(importedInWords([{ id: '1' }], 1)).toBe('1 account was imported.')
  expect(importedInWords([{ id: '1', driveName: 'a' }], 0)).toBe('1 drive was imported.')
})
