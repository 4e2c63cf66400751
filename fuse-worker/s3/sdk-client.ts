/**
 * One SDK client for one account: where it connects, whom it trusts, how it signs, and the deadlines. Every call goes through
 * `send`, so that nothing but a StoreError leaves. Owned by sdk-store.ts and sdk-account.ts; nobody else sees the SDK.
 */
import { webcrypto } from 'node:crypto'
import { S3Client } from '@aws-sdk/client-s3'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { Account, CredentialSource, Secret } from '../../contracts/account.ts'
import type { ProxyRoute } from '../../contracts/proxy.ts'
import { t } from '../../language/language.ts'
import { proxyFor } from './proxy-choice.ts'
import { createTransport } from './sdk-transport.ts'
import type { SendingOptions, Transport, TransportLimits } from './sdk-transport.ts'
import { createTrust } from './sdk-trust.ts'
import { storeErrorFrom } from './store-errors.ts'
import type { ErrorContext } from './store-errors.ts'
import { type StoreError } from './store.ts'

export type SdkClientOptions = {
  account: Account
  secret: Secret
  /** Absent: as the environment says. */
  proxy?: ProxyRoute | undefined
  limits?: Partial<TransportLimits>
}

/** Passed to the SDK with every command. */
export type SendOptions = { abortSignal?: AbortSignal } & Omit<SendingOptions, 'abortSignal'>

export type Attempt = Pick<ErrorContext, 'operation' | 'access'> & {
  bucket?: string | undefined
  key?: string | undefined
  signal?: AbortSignal | undefined
  isOnFreshSocket?: boolean | undefined
  onHeard?: (() => void) | undefined
  /** Replaces the idle limit where a server may rightly be silent for longer. */
  idleMs?: number
}

export interface SdkClient {
  send<T>(attempt: Attempt, run: (client: S3Client, options: SendOptions) => Promise<T>): Promise<T>
  /** The StoreError for what a body threw after `send` had returned. */
  errorFrom(error: unknown, attempt: Attempt): StoreError
  watch: Transport['watch']
  /** Server clock minus local clock, as of the last answer. */
  clockOffsetMs(): number | undefined
  /** What is under way goes on. */
  close(): void
}

export const defaultTransportLimits: TransportLimits = { connectMs: 5_000, idleMs: 15_000 }

export function createSdkClient({ account, secret, proxy, limits }: SdkClientOptions): SdkClient {
  // The SDK's advice about the age of Node is for whoever builds the application, not for its log.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  let clockOffsetMs: number | undefined
  const endpoint = account.endpoint
  const route = proxy ?? { kind: 'environment' }
  const transport = createTransport({
    limits: { ...defaultTransportLimits, ...limits },
    proxyFor: (target) => proxyFor(target, route, process.env),
    ...(endpoint?.startsWith('http:')
      ? {}
      : { secureContext: createTrust({ caFile: account.caFile, extraCaFile: process.env.NODE_EXTRA_CA_CERTS }) }),
    onClockOffset: (offsetMs) => (clockOffsetMs = offsetMs),
  })
  const client = new S3Client({
    ...signingConfig(account.credentials, secret, transport),
    region: account.region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: account.addressing === 'path',
    requestHandler: transport,
    // The journal retries with its own back-off and tells the person; a second layer beneath would multiply the waits.
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    // A bucket name is never a URL here, and a name that looks like an ARN is just a wrong name.
    bucketEndpoint: false,
  })
  hashPayloadsOffThread(client)

  const contextOf = (attempt: Attempt): ErrorContext => ({
    operation: attempt.operation,
    access: attempt.access,
    ...(attempt.bucket === undefined ? {} : { bucket: attempt.bucket }),
    ...(attempt.key === undefined ? {} : { key: attempt.key }),
    endpoint: endpoint ?? `Amazon S3 (${account.region})`,
    region: account.region,
    isTemporary: account.credentials.kind === 'static' && Boolean(secret.sessionToken),
    signer: signerInWords(account.credentials),
  })
  const errorFrom = (error: unknown, attempt: Attempt): StoreError => storeErrorFrom(error, contextOf(attempt))

  return {
    async send(attempt, run) {
      const options: SendOptions = {
        ...(attempt.signal === undefined ? {} : { abortSignal: attempt.signal }),
        ...(attempt.idleMs === undefined ? {} : { requestTimeout: attempt.idleMs }),
        ...(attempt.isOnFreshSocket === undefined ? {} : { isOnFreshSocket: attempt.isOnFreshSocket }),
        ...(attempt.onHeard === undefined ? {} : { onHeard: attempt.onHeard }),
      }
      try {
        return await run(client, options)
      } catch (error) {
        const translated = errorFrom(error, attempt)
        if (translated.problem.code !== 'clock-skewed') throw translated
      }
      // The signer has just learned the server's time from the refusal: once more, with the right one.
      return run(client, options).catch((error: unknown) => {
        throw errorFrom(error, attempt)
      })
    },
    errorFrom,
    watch: (body, watcher) => transport.watch(body, watcher),
    clockOffsetMs: () => clockOffsetMs,
    close: () => client.destroy(),
  }
}

/** Profiles are read from the disk each time, not from what the SDK remembers; what they ask on the way goes by the same transport. */
function signingConfig(
  source: CredentialSource,
  secret: Secret,
  requestHandler: Transport,
): Pick<S3ClientConfig, 'credentials' | 'signer'> {
  const init = { ignoreCache: true, clientConfig: { requestHandler } }
  switch (source.kind) {
    case 'static':
      return {
        credentials: {
          accessKeyId: source.accessKeyId,
          secretAccessKey: secret.secretAccessKey ?? '',
          ...(secret.sessionToken ? { sessionToken: secret.sessionToken } : {}),
        },
      }
    case 'profile':
      return { credentials: fromIni({ profile: source.profile, ...init }) }
    case 'environment':
      return { credentials: fromNodeProviderChain(init) }
    case 'anonymous':
      return {
        credentials: { accessKeyId: '', secretAccessKey: '' },
        signer: { sign: (request) => Promise.resolve(request) },
      }
  }
}

export function signerInWords(source: CredentialSource): string {
  switch (source.kind) {
    case 'static':
      return t('store.signer.static', { id: source.accessKeyId })
    case 'profile':
      return t('store.signer.profile', { profile: source.profile })
    case 'environment':
      return t('store.signer.environment')
    case 'anonymous':
      return t('store.signer.anonymous')
  }
}

/**
 * The SDK would hash every body on the event loop that also answers the kernel: 8 MiB block it for 10 to 30 ms. Here the hash is
 * made on libuv's pool, and not at all over TLS, which protects the body already.
 */
function hashPayloadsOffThread(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { protocol?: string; headers: Record<string, string>; body?: unknown }
      if (request.body instanceof Uint8Array && request.body.byteLength > 0)
        request.headers['x-amz-content-sha256'] =
          request.protocol === 'https:' ? 'UNSIGNED-PAYLOAD' : await sha256Hex(request.body)
      return next(args)
    },
    { step: 'build', name: 'cloudmountPayloadHash', priority: 'low' },
  )
}

async function sha256Hex(body: Uint8Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', body as Uint8Array<ArrayBuffer>)).toString('hex')
}
