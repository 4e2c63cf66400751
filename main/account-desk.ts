/** Adding, editing, testing and removing accounts. The secret goes to the keychain and to workers, never into a result. */
import { randomUUID } from 'node:crypto'
import type { Account, AccountTest, AccountTestProgress, Capabilities, Secret } from '../contracts/account.ts'
import type { AccountView } from '../contracts/ipc.ts'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import type { ProxyRoute } from '../contracts/proxy.ts'
import { WorkerLink } from '../contracts/worker-client.ts'
import type { WorkerParams } from '../contracts/worker-protocol.ts'
import { t } from '../language/language.ts'
import { listInWords } from '../language/lists.ts'
import type { AppStore } from './app-store.ts'
import type { WorkerHost } from './drive-supervisor.ts'
import type { Fallback, Secrets } from './secrets.ts'

export type AccountDesk = {
  save(asked: {
    account: Account
    secret?: Secret | undefined
    capabilities?: Capabilities | undefined
    /** Where the secret goes when no keychain takes it. */
    keepIn?: Fallback | undefined
  }): Promise<AccountView>
  remove(id: string): Promise<void>
  test(asked: {
    account: Account
    secret?: Secret | undefined
    bucket?: string | undefined
    /** By which its steps are told, and by which it is stopped. */
    testId?: string | undefined
  }): Promise<AccountTest>
  stopTest(testId: string): void
}

export type AccountDeskOptions = {
  store: AppStore
  secrets: Secrets
  workers: WorkerHost
  routeTo: (account: Pick<Account, 'endpoint' | 'region'>) => Promise<ProxyRoute>
  /** An account in use was edited. */
  pushAccount(account: Account): Promise<void>
  notices: { raise(problem: Problem): void }
  /** A step of a test with this id began or ended. */
  stepped(testId: string, step: AccountTestProgress): void
  changed(): void
}

const readyDeadlineMs = 30_000
const testDeadlineMs = 55_000
const stopDeadlineMs = 5_000

export function accountDesk(options: AccountDeskOptions): AccountDesk {
  const { store, secrets } = options
  const tests = new Map<string, AbortController>()
  return {
    async save({ account: asked, secret, capabilities, keepIn }) {
      const before = store.accounts().find(({ account }) => account.id === asked.id)
      if (asked.id !== '' && !before) throw new ProblemError(gone())
      const account = before ? asked : { ...asked, id: randomUUID() }
      await keepSecret({ account, secret, before: before?.account, keepIn }, secrets)
      const probed =
        capabilities ?? (before && isSameEndpoint(before.account, account) ? before.capabilities : undefined)
      const record = { account, ...(probed ? { capabilities: probed } : {}) }
      store.setAccounts(
        before
          ? store.accounts().map((one) => (one.account.id === account.id ? record : one))
          : [...store.accounts(), record],
      )
      options.changed()
      if (before) await options.pushAccount(account)
      return record
    },
    async remove(id) {
      const record = store.accounts().find(({ account }) => account.id === id)
      if (!record) throw new ProblemError(gone())
      const used = store.drives().filter(({ drive }) => drive.accountId === id)
      if (used.length > 0)
        throw new ProblemError(
          inUse(
            record.account,
            used.map(({ drive }) => drive.name),
          ),
        )
      store.setAccounts(store.accounts().filter(({ account }) => account.id !== id))
      options.changed()
      if (record.account.credentials.kind !== 'static') return
      const problem = await secrets.remove(id)
      if (problem) options.notices.raise(notWiped(record.account, problem))
    },
    async test({ account, secret: given, bucket, testId }) {
      const stop = new AbortController()
      if (testId !== undefined) tests.set(testId, stop)
      try {
        const secret = given ?? (await secrets.load(account))
        const proxy = await options.routeTo(account)
        const params = {
          account: { ...account, id: account.id || 'new' },
          secret,
          proxy,
          ...(bucket ? { bucket } : {}),
        }
        const onStep = (step: AccountTestProgress) => {
          if (testId !== undefined) options.stepped(testId, step)
        }
        return await testInWorker(options.workers, params, { onStep, stop: stop.signal })
      } finally {
        if (testId !== undefined) tests.delete(testId)
      }
    },
    stopTest(testId) {
      tests.get(testId)?.abort()
    },
  }
}

async function testInWorker(
  workers: WorkerHost,
  params: WorkerParams<'account:test'>,
  { onStep, stop }: { onStep: (step: AccountTestProgress) => void; stop: AbortSignal },
): Promise<AccountTest> {
  const worker = workers.start(t('main.label.test', { name: params.account.name }))
  try {
    const link = new WorkerLink({
      port: worker.port,
      onEvent: (event) => event.kind === 'account:stepped' && onStep(event.step),
      onSnapshot: () => {},
    })
    await link.ready(readyDeadlineMs)
    if (stop.aborted) throw new ProblemError({ code: 'cancelled', message: t('main.test-cancelled') })
    // It removes what it wrote before it answers; one that does not even hear is ended.
    const ask = () => void link.request('account:stop', {}, { deadlineMs: stopDeadlineMs }).catch(() => worker.kill())
    stop.addEventListener('abort', ask, { once: true })
    return await link.request('account:test', params, { deadlineMs: testDeadlineMs })
  } finally {
    worker.kill()
  }
}

async function keepSecret(
  asked: { account: Account; secret: Secret | undefined; before: Account | undefined; keepIn: Fallback | undefined },
  secrets: Secrets,
): Promise<void> {
  const { account, secret, before, keepIn } = asked
  if (account.credentials.kind !== 'static') {
    if (before?.credentials.kind === 'static') await secrets.remove(account.id)
    return
  }
  if (secret) await secrets.save(account.id, secret, keepIn)
  else if (before?.credentials.kind !== 'static')
    throw new ProblemError({
      code: 'invalid-input',
      message: t('main.secret-key-missing'),
      remedy: t('main.secret-key-missing.remedy'),
    })
}

/** What was probed holds for an endpoint; keys do not change it. */
function isSameEndpoint(a: Account, b: Account): boolean {
  return a.endpoint === b.endpoint && a.region === b.region && a.addressing === b.addressing
}

function gone(): Problem {
  return { code: 'not-found', message: t('main.account-gone') }
}

function inUse(account: Account, drives: string[]): Problem {
  return {
    code: 'drive-in-use',
    message: t('main.account-in-use', { name: account.name, drives: listInWords(drives) }),
    remedy: t('main.account-in-use.remedy'),
  }
}

function notWiped(account: Account, problem: Problem): Problem {
  return {
    ...problem,
    message: t('main.not-wiped', { name: account.name }),
    consequence: t('main.not-wiped.consequence'),
    remedy: problem.code === 'keys-locked' ? t('main.not-wiped.remedy.key-file') : t('main.not-wiped.remedy.keychain'),
  }
}
