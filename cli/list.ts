/** `cloudmount ls`: what is in a bucket, without mounting it. */
import type { Account } from '../contracts/account.ts'
import { ProblemError } from '../contracts/problem.ts'
import { nameFromSegment } from '../fuse-worker/s3/names.ts'
import { createAccountClient } from '../fuse-worker/s3/sdk-account.ts'
import { createObjectStore } from '../fuse-worker/s3/sdk-store.ts'
import { StoreError } from '../fuse-worker/s3/store.ts'
import type { Location } from './target.ts'

export async function listBuckets(account: Account, isJson: boolean): Promise<void> {
  const client = createAccountClient({ account, secret: {} })
  try {
    const buckets = await inWords(() => client.listBuckets())
    process.stdout.write(
      isJson ? JSON.stringify({ buckets }) + '\n' : buckets.map((name) => `s3://${name}/\n`).join(''),
    )
  } finally {
    client.close()
  }
}

/** Prints page by page, so that a large bucket costs no memory. */
export async function listLocation(account: Account, { bucket, prefix }: Location, isJson: boolean): Promise<void> {
  const store = createObjectStore({ account, secret: {}, bucket })
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux'
  const nameOf = (key: string): string => nameFromSegment(key.slice(prefix.length), platform)
  try {
    let continuationToken: string | undefined
    do {
      const token = continuationToken
      const page = await inWords(() =>
        store.list({ prefix, delimiter: '/', ...(token === undefined ? {} : { continuationToken: token }) }),
      )
      for (const below of page.prefixes) {
        const name = nameOf(below.slice(0, -1))
        process.stdout.write(
          isJson ? JSON.stringify({ key: below, kind: 'folder' }) + '\n' : `${' '.repeat(34)}${name}/\n`,
        )
      }
      for (const { key, sizeBytes, lastModifiedMs, etag } of page.objects) {
        if (key === prefix) continue
        const modified = new Date(lastModifiedMs).toISOString()
        process.stdout.write(
          isJson
            ? JSON.stringify({ key, kind: 'file', sizeBytes, modified, etag }) + '\n'
            : `${modified.slice(0, 19).replace('T', ' ')}  ${String(sizeBytes).padStart(12)} ${nameOf(key)}\n`,
        )
      }
      ;({ continuationToken } = page)
    } while (continuationToken !== undefined)
  } finally {
    store.close()
  }
}

async function inWords<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof StoreError ? new ProblemError(error.problem, { cause: error }) : error
  }
}
