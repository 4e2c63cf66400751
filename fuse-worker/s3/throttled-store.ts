/**
 * Keeps a store's bodies to a rate, each way; requests without a body are not held up. The outermost wrap, around the circuit breaker:
 * a piece that has come is held back before the next one is asked for, so that the breaker never waits for a limit and takes it for
 * silence. A body that is sent is held back where it leaves, in the transport, which knows that it is not the network that stands still.
 */
import type { ObjectStore } from './store.ts'
import type { TokenBucket, WaitingSince } from './token-bucket.ts'

export type Rates = { up: TokenBucket; down: TokenBucket }

export function throttledStore(store: ObjectStore, { up, down }: Rates): ObjectStore {
  return {
    ...store,
    async get(key, query, call) {
      const { head, body } = await store.get(key, query, call)
      return { head, body: slowed(body, down, call?.waitingSince) }
    },
    put: (key, body, attributes, condition, call) => store.put(key, body, attributes, condition, { ...call, pace: up }),
    uploadPart: (key, uploadId, partNumber, body, call) =>
      store.uploadPart(key, uploadId, partNumber, body, { ...call, pace: up }),
  }
}

/** By hand instead of a generator: without a limit each piece costs one call more. */
function slowed(
  body: AsyncIterable<Uint8Array>,
  rate: TokenBucket,
  since: WaitingSince | undefined,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const pieces = body[Symbol.asyncIterator]()
      let owed = 0
      const next = async (): Promise<IteratorResult<Uint8Array>> => {
        await rate.take(owed, since)
        return taken(await pieces.next())
      }
      const taken = (piece: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
        owed = piece.done === true ? 0 : piece.value.byteLength
        return piece
      }
      return {
        next: () => (rate.bytesPerSecond === undefined ? pieces.next().then(taken) : next()),
        return: async () => (await pieces.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}
