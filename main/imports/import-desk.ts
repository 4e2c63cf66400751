/**
 * Finds what can be imported and takes over what the person chose. Must hold: finding saves nothing; what is chosen is read again
 * from where it was found, so that no secret is in what the window is told; an entry that fails leaves the others alone.
 */
import { join } from 'node:path'
import { accountSchema, type Account } from '../../contracts/account.ts'
import { bucketNameSchema } from '../../contracts/drive.ts'
import type { ImportCandidate, ImportChoice, ImportOutcome, ImportsFound } from '../../contracts/import.ts'
import { problemFrom, ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { AccountDesk } from '../account-desk.ts'
import type { AppStore } from '../app-store.ts'
import type { DriveDesk } from '../drive-desk.ts'
import { defaultParent, type Places } from '../mountpoint-rules.ts'
import type { Fallback } from '../secrets.ts'
import type { Found, FoundAccount } from './found.ts'
import type { ReadImports } from './sources.ts'

export type ImportDesk = {
  /** In the usual places, or in one file. */
  find(path: string | undefined): Promise<ImportsFound>
  apply(asked: {
    path?: string | undefined
    choices: ImportChoice[]
    keepIn?: Fallback | undefined
  }): Promise<ImportOutcome[]>
}

export type ImportDeskOptions = {
  read: (path: string | undefined) => Promise<ReadImports>
  store: Pick<AppStore, 'accounts' | 'drives'>
  accounts: Pick<AccountDesk, 'save'>
  drives: Pick<DriveDesk, 'save'>
  places: Places
}

export function importDesk(options: ImportDeskOptions): ImportDesk {
  const { read, store } = options
  return {
    async find(path) {
      const { found, problems } = await read(path)
      return { candidates: found.map((one) => candidateOf(one, store)), problems }
    },
    async apply({ path, choices, keepIn }) {
      const { found } = await read(path)
      const outcomes: ImportOutcome[] = []
      // One after the other: names are made unique against what is there.
      for (const choice of choices) {
        const one = found.find((candidate) => idOf(candidate) === choice.id)
        outcomes.push(await takeOver(one, choice, keepIn, options))
      }
      return outcomes
    },
  }
}

async function takeOver(
  found: Found | undefined,
  choice: ImportChoice,
  keepIn: Fallback | undefined,
  options: ImportDeskOptions,
): Promise<ImportOutcome> {
  const { store, accounts } = options
  const outcome: ImportOutcome = { id: choice.id }
  try {
    if (!found || 'reason' in found)
      throw new ProblemError({
        code: 'not-found',
        message: t('main.import-gone'),
        remedy: t('main.import-gone.remedy'),
      })
    const account = completed(found, choice)
    let existing = sameAccount(account, store)
    if (!existing) {
      const name = uniqueName(account.name, names(store.accounts().map((one) => one.account)))
      const secret = choice.secret ?? found.secret
      const asked = { ...accountSchema.parse({ ...account, id: 'new', name }), id: '' }
      existing = (await accounts.save({ account: asked, secret, keepIn })).account
    }
    outcome.accountName = existing.name
    if (choice.addsDrive && found.place) outcome.driveName = await addDrive(existing, found.place, options)
    return outcome
  } catch (error) {
    return { ...outcome, problem: problemFrom(error) }
  }
}

function completed({ account, missing }: FoundAccount, { accessKeyId }: ImportChoice): Omit<Account, 'id'> {
  if (!missing.includes('accessKeyId')) return account
  if (accessKeyId) return { ...account, credentials: { kind: 'static', accessKeyId } }
  throw new ProblemError({
    code: 'invalid-input',
    message: t('main.import-key-missing', { name: account.name }),
    remedy: t('main.import-key-missing.remedy'),
  })
}

async function addDrive(
  account: Account,
  place: { bucket: string; prefix: string },
  { drives, store, places }: ImportDeskOptions,
): Promise<string> {
  const others = store.drives().map(({ drive }) => drive)
  const wanted = place.prefix.split('/').filter(Boolean).at(-1) ?? place.bucket
  const taken = new Set([
    ...names(others),
    ...others.map(({ mountpoint }) => mountpoint.split('/').at(-1)?.toLowerCase() ?? ''),
  ])
  const name = uniqueName(wanted.replace(/[/\\:\0]/g, '-').replace(/^\.+/, '') || 'drive', taken)
  const { drive } = await drives.save({
    id: '',
    accountId: account.id,
    name,
    ...place,
    mountpoint: join(defaultParent(places), name),
    isReadOnly: account.credentials.kind === 'anonymous',
    consistency: 'close-to-open',
    mountsAtStart: true,
  })
  return drive.name
}

function candidateOf(found: Found, store: ImportDeskOptions['store']): ImportCandidate {
  const { source, path, name } = found
  const entry = { id: idOf(found), source, path, name }
  if ('reason' in found) return { ...entry, becomes: { kind: 'nothing', reason: found.reason } }
  const { account, missing, place } = found
  const checked = accountSchema.safeParse({ ...account, id: 'new', credentials: { kind: 'anonymous' } })
  if (!checked.success) return { ...entry, becomes: { kind: 'nothing', reason: reasonOf(account) } }
  const existing = sameAccount(account, store)
  const isPlace = place !== undefined && bucketNameSchema.safeParse(place.bucket).success
  return {
    ...entry,
    becomes: {
      kind: 'account',
      provider: account.provider,
      region: account.region,
      missing,
      ...(account.endpoint === undefined ? {} : { endpoint: account.endpoint }),
      ...(missing.includes('accessKeyId') ? {} : { credentials: account.credentials }),
      ...(isPlace ? { place } : {}),
      ...(existing
        ? { existing: { name: existing.name, hasDrive: !isPlace || hasDrive(existing.id, place, store) } }
        : {}),
    },
  }
}

function reasonOf({ endpoint, name }: Omit<Account, 'id'>): string {
  if (name.length > 200) return t('main.import.name-too-long')
  return endpoint === undefined ? t('main.import.no-region') : t('main.import.no-address', { endpoint })
}

/** The same service and the same keys: a secret that was changed since does not make it another one. */
function sameAccount(asked: Omit<Account, 'id'>, store: ImportDeskOptions['store']): Account | undefined {
  const signature = ({ endpoint, region, credentials }: Omit<Account, 'id'>) => {
    const service = endpoint === undefined ? `aws ${region}` : endpoint.toLowerCase().replace(/\/+$/, '')
    return JSON.stringify([service, Object.entries(credentials).sort()])
  }
  if (asked.credentials.kind === 'static' && asked.credentials.accessKeyId === '') return undefined
  return store.accounts().find(({ account }) => signature(account) === signature(asked))?.account
}

function hasDrive(
  accountId: string,
  place: { bucket: string; prefix: string },
  store: ImportDeskOptions['store'],
): boolean {
  return store
    .drives()
    .some(
      ({ drive }) => drive.accountId === accountId && drive.bucket === place.bucket && drive.prefix === place.prefix,
    )
}

function idOf({ source, path, name }: Found): string {
  return JSON.stringify([source, path, name])
}

function names(of: readonly { name: string }[]): Set<string> {
  return new Set(of.map(({ name }) => name.trim().toLowerCase()))
}

export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  let candidate = name
  for (let number = 2; taken.has(candidate.trim().toLowerCase()); number++) candidate = `${name} ${number}`
  return candidate
}
