/**
 * The way to the services: the proxy a person set, none, or what the system says, worked out anew for each account and each time. The
 * password is kept like an account's secret; it goes to workers, and never back to the window.
 */
import type { Account } from '../contracts/account.ts'
import { ProblemError } from '../contracts/problem.ts'
import type { ProxyRoute, ProxySettings, ProxyTest } from '../contracts/proxy.ts'
import { WorkerLink } from '../contracts/worker-client.ts'
import { t } from '../language/language.ts'
import type { AppStore } from './app-store.ts'
import type { WorkerHost } from './drive-supervisor.ts'
import type { Fallback, Secrets } from './secrets.ts'

type Asked = { proxy?: ProxySettings | undefined; password?: string | undefined }

export type ProxyDesk = {
  routeTo: (account: Pick<Account, 'endpoint' | 'region'>) => Promise<ProxyRoute>
  /** Resolves when the password is kept and the setting stored. */
  save(asked: Asked & { keepIn?: Fallback | undefined }): Promise<void>
  test(asked: Asked): Promise<ProxyTest>
}

export type ProxyDeskOptions = {
  store: Pick<AppStore, 'settings' | 'setSettings' | 'accounts'>
  secrets: Pick<Secrets, 'save' | 'remove' | 'find'>
  workers: WorkerHost
  environment: Readonly<Record<string, string | undefined>>
  /** What the desktop says of an address, as a proxy script would: `PROXY host:port; DIRECT`. */
  resolveProxy: (url: string) => Promise<string>
}

const secretName = 'proxy'
const label = () => t('main.label.proxy')
const variables = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY']
const readyDeadlineMs = 30_000
const testDeadlineMs = 20_000
/** Enough to see whether it works, and few enough to wait for. */
const mostTested = 5

export function proxyDesk({ store, secrets, workers, environment, resolveProxy }: ProxyDeskOptions): ProxyDesk {
  const hasVariables = variables.some((name) => environment[name] ?? environment[name.toLowerCase()])

  const passwordOf = async (): Promise<string | undefined> =>
    (await secrets.find({ id: secretName, name: label() }))?.secretAccessKey

  const routeBy = async (url: string, proxy: ProxySettings | undefined, password?: string): Promise<ProxyRoute> => {
    if (proxy === undefined) return hasVariables ? { kind: 'environment' } : routeFrom(await resolveProxy(url))
    if (proxy.mode === 'none') return { kind: 'direct' }
    const { mode: _mode, ...manual } = proxy
    if (manual.user === undefined) return { kind: 'proxy', ...manual }
    const known = password ?? (await passwordOf())
    return { kind: 'proxy', ...manual, ...(known === undefined ? {} : { password: known }) }
  }

  return {
    routeTo: (account) => routeBy(addressOf(account), store.settings().proxy),
    async save({ proxy, password, keepIn }) {
      const before = store.settings().proxy
      const user = userOf(proxy)
      if (user === undefined) {
        if (userOf(before) !== undefined) await secrets.remove(secretName)
      } else if (password !== undefined) await secrets.save(secretName, { secretAccessKey: password }, keepIn)
      else if (user !== userOf(before))
        throw new ProblemError({
          code: 'invalid-input',
          message: t('main.proxy-password'),
          remedy: t('main.proxy-password.remedy'),
        })
      const { proxy: _before, ...settings } = store.settings()
      store.setSettings({ ...settings, ...(proxy === undefined ? {} : { proxy }) })
    },
    async test({ proxy, password }) {
      const addresses = [...new Set(store.accounts().map(({ account }) => addressOf(account)))].slice(0, mostTested)
      const worker = workers.start(t('main.label.proxy-test'))
      try {
        const link = new WorkerLink({ port: worker.port, onEvent: () => {}, onSnapshot: () => {} })
        await link.ready(readyDeadlineMs)
        const outcomes = (addresses.length === 0 ? [amazonAt('us-east-1')] : addresses).map(async (endpoint) => {
          const route = await routeBy(endpoint, proxy, password)
          const found = await link.request('proxy:test', { proxy: route, endpoint }, { deadlineMs: testDeadlineMs })
          return { endpoint, ...found }
        })
        return { outcomes: await Promise.all(outcomes) }
      } finally {
        worker.kill()
      }
    },
  }
}

/** The first way that can be taken; a SOCKS proxy cannot. */
export function routeFrom(script: string): ProxyRoute {
  for (const way of script.split(';')) {
    const [kind = '', host = ''] = way.trim().split(/\s+/)
    if (kind.toUpperCase() === 'DIRECT') break
    const scheme = { PROXY: 'http', HTTP: 'http', HTTPS: 'https' }[kind.toUpperCase()]
    if (scheme === undefined || host === '') continue
    const address = `${scheme}://${host}`
    return { kind: 'proxy', https: address, http: address, bypass: [] }
  }
  return { kind: 'direct' }
}

function userOf(proxy: ProxySettings | undefined): string | undefined {
  return proxy?.mode === 'manual' ? proxy.user : undefined
}

function addressOf({ endpoint, region }: Pick<Account, 'endpoint' | 'region'>): string {
  return endpoint ?? amazonAt(region)
}

function amazonAt(region: string): string {
  return `https://s3.${region}.amazonaws.com`
}
