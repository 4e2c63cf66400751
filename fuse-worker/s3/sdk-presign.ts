/**
 * A link to one object that needs no keys (a GET signed in its query, SigV4). The SDK says where the object is and with which
 * keys; the signature is made here, because the SDK's own signer for this is another package, for these few lines.
 */
import { createHash, createHmac } from 'node:crypto'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { createSdkClient, type SdkClientOptions } from './sdk-client.ts'

export type PresignOptions = SdkClientOptions & { bucket: string; key: string; expiresInSeconds: number }

export type PresignedLink = {
  url: string
  expiresAtMs: number
  /** The keys end then, which is sooner than what was asked for. */
  isShortened: boolean
  /** The keys are of a session whose end is not known; the link ends with it. */
  endsWithSession: boolean
}

type Place = { protocol: string; hostname: string; port?: number; path: string }
type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date }

/** Asks nobody but, for keys that come from elsewhere, whoever gives them. Throws StoreError and ProblemError. */
export async function presignGet({
  bucket,
  key,
  expiresInSeconds,
  ...options
}: PresignOptions): Promise<PresignedLink> {
  if (options.account.credentials.kind === 'anonymous') throw noKeys()
  const sdk = createSdkClient(options)
  try {
    return await sdk.send({ operation: 'GetObject', access: 'read', bucket, key }, async (client) => {
      const holder: { place?: Place } = {}
      const command = new GetObjectCommand({ Bucket: bucket, Key: key })
      // Nothing is sent: what would be is looked at, and answered for.
      command.middlewareStack.add(
        () => (args) => {
          holder.place = args.request as Place
          return Promise.resolve({ response: {}, output: { $metadata: {} } })
        },
        { step: 'finalizeRequest', priority: 'high', name: 'placeOfObject' },
      )
      await client.send(command)
      const keys: Keys = await client.config.credentials()
      if (holder.place === undefined) throw new Error('the SDK did not say where the object is')
      const nowMs = Date.now() + client.config.systemClockOffset
      const leftMs = keys.expiration === undefined ? Infinity : keys.expiration.getTime() - nowMs
      const seconds = Math.max(1, Math.min(expiresInSeconds, Math.floor(leftMs / 1000)))
      return {
        url: signedUrl(holder.place, keys, { region: await client.config.region(), nowMs, seconds }),
        expiresAtMs: Date.now() + seconds * 1000,
        isShortened: seconds < expiresInSeconds,
        endsWithSession: keys.sessionToken !== undefined && keys.expiration === undefined,
      }
    })
  } finally {
    sdk.close()
  }
}

type Signing = { region: string; nowMs: number; seconds: number }

function signedUrl({ protocol, hostname, port, path }: Place, keys: Keys, { region, nowMs, seconds }: Signing): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/${region}/s3/aws4_request`
  const host = port === undefined ? hostname : `${hostname}:${port}`
  const query = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${keys.accessKeyId}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(seconds)],
    ...(keys.sessionToken === undefined ? [] : [['X-Amz-Security-Token', keys.sessionToken]]),
    ['X-Amz-SignedHeaders', 'host'],
  ]
    .map(([name = '', value = '']) => `${encoded(name)}=${encoded(value)}`)
    .join('&')
  const request = ['GET', path, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(request).digest('hex')].join('\n')
  const hmac = (secret: string | Buffer, message: string): Buffer =>
    createHmac('sha256', secret).update(message).digest()
  const signingKey = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${keys.secretAccessKey}`, day))
  return `${protocol}//${host}${path}?${query}&X-Amz-Signature=${hmac(signingKey, text).toString('hex')}`
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

function noKeys(): ProblemError {
  return new ProblemError({
    code: 'access-denied',
    message: t('store.nothing-to-sign-with'),
    remedy: t('store.nothing-to-sign-with.remedy'),
  })
}
