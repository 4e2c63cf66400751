/**
 * A store in changing weather: offline, or one call in so many fails, before or after it was carried out. A dead one belongs to a
 * process that was killed: what is under way may still arrive, but nobody hears of it.
 */
import type { ObjectStore } from '../s3/store.ts'
import { storeFailure } from './failing-store.ts'

export type Weather = {
  isOffline: boolean
  /** Chances in [0, 1] of a call to fail with nothing done, and of one that is done to lose its reply. */
  failing: number
  losing: number
}

export const calm = (): Weather => ({ isOffline: false, failing: 0, losing: 0 })

export const isCalm = ({ isOffline, failing, losing }: Weather): boolean => !isOffline && failing === 0 && losing === 0

export type WeatherStore = ObjectStore & { kill(): void }

export function createWeatherStore(store: ObjectStore, weather: Weather, random: () => number): WeatherStore {
  let isDead = false

  const wrap = <A extends unknown[], R>(call: (...args: A) => Promise<R>): ((...args: A) => Promise<R>) => {
    return async (...args) => {
      if (isDead) throw storeFailure('cancelled')
      if (weather.isOffline) throw storeFailure('offline')
      const dice = random()
      if (dice < weather.failing) throw storeFailure('retry')
      const result = await call(...args)
      if (isDead) throw storeFailure('cancelled')
      if (dice < weather.failing + weather.losing) throw storeFailure('retry', 'the reply was lost, on purpose')
      return result
    }
  }

  return {
    head: wrap(store.head),
    list: wrap(store.list),
    get: wrap(store.get),
    put: wrap(store.put),
    copy: wrap(store.copy),
    delete: wrap(store.delete),
    createMultipartUpload: wrap(store.createMultipartUpload),
    uploadPart: wrap(store.uploadPart),
    uploadPartCopy: wrap(store.uploadPartCopy),
    listParts: wrap(store.listParts),
    completeMultipartUpload: wrap(store.completeMultipartUpload),
    abortMultipartUpload: wrap(store.abortMultipartUpload),
    listMultipartUploads: wrap(store.listMultipartUploads),
    close: () => undefined,
    kill: () => void (isDead = true),
  }
}
