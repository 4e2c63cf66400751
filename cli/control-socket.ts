/** How one `cloudmount` asks another that holds a mount: one JSON line there, one JSON line back, on a socket only the user can open. */
import { createConnection, createServer, type Server } from 'node:net'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { ProblemError, problemFrom, problemSchema } from '../contracts/problem.ts'
import { workerRequests, type WorkerRequestName } from '../contracts/worker-protocol.ts'

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), problem: problemSchema }),
])

/** What another process may ask of the worker itself: nothing that changes whether the drive is there. */
const askedSchema = z
  .string()
  .refine(
    (name): name is AskedName =>
      name in workerRequests && /^(?:(?:version|conflict|recovered):|drive:(?:pause|resume)$)/.test(name),
  )
export type AskedName = Extract<
  WorkerRequestName,
  `${'version' | 'conflict' | 'recovered'}:${string}` | 'drive:pause' | 'drive:resume'
>

export const controlRequestSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('status') }),
  z.object({ name: z.literal('pins') }),
  z.object({ name: z.enum(['pin', 'unpin']), path: z.string() }),
  /** Passed on to the drive's worker, which checks what it carries. */
  z.object({ name: z.literal('ask'), request: askedSchema, params: z.unknown(), deadlineMs: z.number() }),
  z.object({ name: z.literal('sync'), deadlineMs: z.number() }),
  z.object({
    name: z.literal('unmount'),
    pending: z.enum(['wait', 'leave']),
    deadlineMs: z.number(),
    isForced: z.boolean(),
  }),
])
export type ControlRequest = z.infer<typeof controlRequestSchema>

export function serveControl(path: string, handle: (request: ControlRequest) => Promise<unknown>): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    const lines = createInterface({ input: socket })
    lines.on('error', () => socket.destroy())
    lines.on('line', (line) => {
      void answer(line, handle).then((text) => socket.end(`${text}\n`))
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve(server))
  })
}

/** Throws ProblemError: the other's, or `not-found` when nobody answers there. */
export async function askControl(path: string, request: ControlRequest, deadlineMs: number): Promise<unknown> {
  const line = await new Promise<string>((resolve, reject) => {
    const socket = createConnection(path)
    const late = setTimeout(() => socket.destroy(new Error('no answer in time')), deadlineMs)
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(late)
      reject(new Error('closed without an answer'))
    })
    // It passes the socket's own errors on, and they are handled above.
    createInterface({ input: socket }).on('error', reject).on('line', resolve)
    socket.write(`${JSON.stringify(request)}\n`)
  }).catch((error: unknown) => {
    throw new ProblemError(
      { code: 'not-found', message: 'The process that holds this drive does not answer.' },
      { cause: error },
    )
  })
  const parsed = answerSchema.parse(JSON.parse(line))
  if (parsed.ok) return parsed.result
  throw new ProblemError(parsed.problem)
}

async function answer(line: string, handle: (request: ControlRequest) => Promise<unknown>): Promise<string> {
  try {
    const request = controlRequestSchema.parse(JSON.parse(line))
    return JSON.stringify({ ok: true, result: (await handle(request)) ?? null })
  } catch (error) {
    return JSON.stringify({ ok: false, problem: problemFrom(error) })
  }
}
