import type { Account, AccountTest, Secret } from '../../../contracts/account.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { Application } from '../state/application.svelte.ts'

export type TestRun =
  | { state: 'idle' }
  | { state: 'running' }
  | { state: 'finished'; result: AccountTest }
  | { state: 'failed'; problem: Problem }

/** One test of an account at a time; a cancelled one is forgotten, and its late answer with it. */
export class AccountTester {
  run = $state.raw<TestRun>({ state: 'idle' })
  readonly #application: Application
  #generation = 0

  constructor(application: Application) {
    this.#application = application
  }

  async start(options: { account: Account; secret: Secret | undefined; bucket: string }): Promise<TestRun> {
    const generation = ++this.#generation
    this.run = { state: 'running' }
    const { account, secret, bucket } = options
    const reply = await this.#application.request('account:test', {
      account,
      ...(secret ? { secret } : {}),
      ...(bucket === '' ? {} : { bucket }),
    })
    if (generation !== this.#generation) return { state: 'idle' }
    this.run = reply.ok ? { state: 'finished', result: reply.result } : { state: 'failed', problem: reply.problem }
    return this.run
  }

  cancel(): void {
    this.#generation += 1
    this.run = { state: 'idle' }
  }
}

export function hasPassed(run: TestRun): boolean {
  return run.state === 'finished' && run.result.steps.every((step) => step.outcome !== 'failed')
}
