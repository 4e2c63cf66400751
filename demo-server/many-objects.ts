/** Many small objects at once, so many to a folder, for measuring what a large bucket costs. */
import { storeObject } from './storage/store-object.ts'
import type { Storage } from './storage/storage.ts'

const body = Buffer.alloc(100, 'object')

export async function fillBucket(storage: Storage, bucket: string, count: number, perFolder: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const folder = String(Math.floor(index / perFolder)).padStart(4, '0')
    await storeObject(storage, bucket, `d${folder}/f${index}`, body)
  }
}
