import type { Account, AccountTest, AccountTestProgress, Secret } from '../../../contracts/account.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { Application } from '../state/application.svelte.ts'

export type TestRun =
  | { state: 'idle' }
  /** What was told of the steps until now, one entry a step. */
  | { state: 'running'; steps: readonly AccountTestProgress[] }
  | { state: 'finished'; result: AccountTest }
  | { state: 'failed'; problem: Problem }

/** One test of an account at a time; a cancelled one is stopped and forgotten, and its late answer with it. */
export class AccountTester {
  run = $state.raw<TestRun>({ state: 'idle' })
  readonly #application: Application
  #testId = ''

  constructor(application: Application) {
    this.#application = application
  }

  async start(options: { account: Account; secret: Secret | undefined; bucket: string }): Promise<TestRun> {
    this.cancel()
    const testId = crypto.randomUUID()
    this.#testId = testId
    this.run = { state: 'running', steps: [] }
    this.#application.hearTest(testId, (step) => this.#step(testId, step))
    const { account, secret, bucket } = options
    const reply = await this.#application.request('account:test', {
      account,
      testId,
      ...(secret ? { secret } : {}),
      ...(bucket === '' ? {} : { bucket }),
    })
    if (testId !== this.#testId) return { state: 'idle' }
    this.run = reply.ok ? { state: 'finished', result: reply.result } : { state: 'failed', problem: reply.problem }
    return this.run
  }

  cancel(): void {
    if (this.run.state === 'running') void this.#application.request('account:stop', { testId: this.#testId })
    this.#testId = ''
    this.run = { state: 'idle' }
  }

  #step(testId: string, step: AccountTestProgress): void {
    if (testId !== this.#testId || this.run.state !== 'running') return
    this.run = { state: 'running', steps: [...this.run.steps.filter(({ id }) => id !== step.id), step] }
  }
}

export function hasPassed(run: TestRun): boolean {
  return run.state === 'finished' && run.result.steps.every((step) => step.outcome !== 'failed')
}
