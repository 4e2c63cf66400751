/** Whether a service answers by way of a proxy: anything but silence or the proxy's own refusal will do. */
import type { Problem } from '../../contracts/problem.ts'
import type { ProxyRoute } from '../../contracts/proxy.ts'
import { proxyFor } from './proxy-choice.ts'
import { defaultTransportLimits } from './sdk-client.ts'
import { createTransport } from './sdk-transport.ts'
import { createTrust } from './sdk-trust.ts'
import { storeErrorFrom } from './store-errors.ts'

const passing: readonly Problem['code'][] = ['endpoint-not-s3', 'tls-untrusted']

/** What stands in the way, if anything. */
export async function testProxy(route: ProxyRoute, endpoint: string): Promise<Problem | undefined> {
  const { protocol, hostname, port, host } = new URL(endpoint)
  const transport = createTransport({
    limits: defaultTransportLimits,
    ...(protocol === 'https:'
      ? { secureContext: createTrust({ extraCaFile: process.env['NODE_EXTRA_CA_CERTS'] }) }
      : {}),
    proxyFor: (target) => proxyFor(target, route, process.env),
  })
  try {
    const { response } = await transport.handle({
      ...{ method: 'GET', protocol, hostname, path: '/', headers: { host } },
      ...(port === '' ? {} : { port: Number(port) }),
    })
    response.body.destroy()
    return undefined
  } catch (error) {
    const context = { operation: 'GET', access: 'account', endpoint, region: '', signer: '' } as const
    const { problem } = storeErrorFrom(error, context)
    return passing.includes(problem.code) ? undefined : problem
  } finally {
    transport.destroy()
  }
}
