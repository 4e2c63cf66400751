/** The language of a worker, which is a process of its own. */
import { afterEach, expect, it } from 'vitest'
import { pseudoTag } from '../../language/languages.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

let worker: WorkerProcess | undefined
afterEach(() => worker?.end())

const refusal = (of: WorkerProcess): Promise<string> =>
  of.link.request('cache:try', { directory: '/proc/no-such-place' }, { deadlineMs: 10_000 }).then(
    () => '',
    (error: unknown) => (error as Error).message,
  )

it('a worker says its problems in the language it was started with, and in another one once it is told', async () => {
  worker = await startWorkerProcess({}, pseudoTag)
  expect(await refusal(worker)).toBe('⟦Caches cannot be kept in /proc/no-such-place.⟧')
  await worker.link.request('language:use', { language: 'en' }, { deadlineMs: 10_000 })
  expect(await refusal(worker)).toBe('Caches cannot be kept in /proc/no-such-place.')
})
