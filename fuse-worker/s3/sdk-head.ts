/**
 * HEAD answers without a body: a 404 may mean the key, the bucket or a foreign server, a 403 a wrong key, a wrong
 * secret or a missing right, a 400 an expired token. A listing of at most one key has a body that tells. It is asked for
 * only after a refusal, and for a 404 only when nothing has proved lately that the bucket is there, so that looking up
 * missing names stays one request.
 */
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { pageFrom } from './sdk-shapes.ts'
import type { SdkClient } from './sdk-client.ts'
import { StoreError } from './store.ts'
import type { ObjectHead } from './store.ts'

export interface HeadWitness {
  head(key: string, signal: AbortSignal | undefined, ask: () => Promise<ObjectHead>): Promise<ObjectHead | undefined>
  /** An answer has just proved that the bucket is there. */
  sawBucket(): void
}

const proofLastsMs = 10_000

export function createHeadWitness({ sdk, bucket }: { sdk: SdkClient; bucket: string }): HeadWitness {
  let seenAtMs = -Infinity

  /** What the listing was refused with; undefined when it was answered. */
  async function refusalOf(key: string, signal: AbortSignal | undefined): Promise<StoreError | undefined> {
    try {
      await sdk.send({ operation: 'ListObjectsV2', access: 'list', bucket, signal }, async (client, sending) => {
        const input = { Bucket: bucket, Prefix: key, MaxKeys: 1, EncodingType: 'url' as const }
        pageFrom(await client.send(new ListObjectsV2Command(input), sending))
      })
      seenAtMs = performance.now()
      return undefined
    } catch (error) {
      return error instanceof StoreError ? error : undefined
    }
  }

  return {
    async head(key, signal, ask) {
      try {
        const head = await ask()
        seenAtMs = performance.now()
        return head
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        if (error.kind === 'absent' && performance.now() - seenAtMs < proofLastsMs) return undefined
        if (error.kind !== 'absent' && error.kind !== 'blocked') throw error
        const refusal = await refusalOf(key, signal)
        // Keys that may not list still learn from a 404 that the object is not there.
        if (error.kind === 'absent' && (refusal === undefined || refusal.problem.code === 'access-denied'))
          return undefined
        throw refusal === undefined || refusal.problem.code === 'access-denied' ? error : refusal
      }
    },
    sawBucket: () => void (seenAtMs = performance.now()),
  }
}
