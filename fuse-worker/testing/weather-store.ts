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

  const assertAlive = (): void => {
    if (isDead) throw storeFailure('cancelled')
  }
  const reached = async <T>(call: () => Promise<T>): Promise<T> => {
    assertAlive()
    if (weather.isOffline) throw storeFailure('offline')
    const dice = random()
    if (dice < weather.failing) throw storeFailure('retry')
    const result = await call()
    assertAlive()
    if (dice < weather.failing + weather.losing) throw storeFailure('retry', 'the reply was lost, on purpose')
    return result
  }

  return {
    head: (...args) => reached(() => store.head(...args)),
    list: (...args) => reached(() => store.list(...args)),
    get: (...args) => reached(() => store.get(...args)),
    put: (...args) => reached(() => store.put(...args)),
    copy: (...args) => reached(() => store.copy(...args)),
    delete: (...args) => reached(() => store.delete(...args)),
    createMultipartUpload: (...args) => reached(() => store.createMultipartUpload(...args)),
    uploadPart: (...args) => reached(() => store.uploadPart(...args)),
    uploadPartCopy: (...args) => reached(() => store.uploadPartCopy(...args)),
    listParts: (...args) => reached(() => store.listParts(...args)),
    completeMultipartUpload: (...args) => reached(() => store.completeMultipartUpload(...args)),
    abortMultipartUpload: (...args) => reached(() => store.abortMultipartUpload(...args)),
    listMultipartUploads: (...args) => reached(() => store.listMultipartUploads(...args)),
    listVersions: (...args) => reached(() => store.listVersions(...args)),
    headVersion: (...args) => reached(() => store.headVersion(...args)),
    versioning: (...args) => reached(() => store.versioning(...args)),
    close: () => undefined,
    kill: () => void (isDead = true),
  }
}
