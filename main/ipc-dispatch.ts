/** Answers one request of the window: what comes in and what goes out are checked, and every failure is a problem. */
import type { z } from 'zod'
import { ipcRequests, type IpcParams, type IpcReply, type IpcRequestName, type IpcResult } from '../contracts/ipc.ts'
import { problemFrom, type Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'

export type IpcHandlers = {
  [N in IpcRequestName]: (params: IpcParams<N>) => IpcResult<N> | Promise<IpcResult<N>>
}

export async function answerRequest<N extends IpcRequestName>(
  handlers: IpcHandlers,
  name: N,
  params: unknown,
  log: (message: string) => void,
): Promise<IpcReply<IpcResult<N>>> {
  const schemas: { params: z.ZodType; result: z.ZodType } = ipcRequests[name]
  const given = schemas.params.safeParse(params)
  if (!given.success) return { ok: false, problem: invalidInput(given.error) }
  try {
    const result = await handlers[name](given.data as IpcParams<N>)
    // Parsing also drops every field the contract does not name.
    return { ok: true, result: schemas.result.parse(result) as IpcResult<N> }
  } catch (error) {
    const problem = problemFrom(error)
    log(`${name}: ${problem.code}: ${problem.message}`)
    if (problem.code === 'internal' && error instanceof Error) log(error.stack ?? error.message)
    return { ok: false, problem }
  }
}

function invalidInput(error: z.ZodError): Problem {
  const [issue] = error.issues
  const field = issue?.path.at(-1)
  const message = issue ? `${field === undefined ? '' : `${String(field)}: `}${issue.message}` : error.message
  return { code: 'invalid-input', message, remedy: t('main.invalid-input.remedy') }
}
