/** What a person asks of one transfer. */
import { ProblemError, type Problem } from '../contracts/problem.ts'
import type { Transfer } from '../contracts/transfer.ts'
import { t } from '../language/language.ts'
import type { LocalDrive } from './drive.ts'
import { isCopyId } from './files/copies.ts'
import { isSaveId } from './versions/saves.ts'

export class TransferDesk {
  readonly #local: LocalDrive

  constructor(local: LocalDrive) {
    this.#local = local
  }

  all(): Transfer[] {
    return this.#local.transfers()
  }

  retry(transferId: string): void {
    this.#local.uploader.retry(operationIdOf(transferId))
  }

  prioritize(transferId: string): void {
    this.#local.uploader.prioritize(operationIdOf(transferId))
  }

  /** Stops the attempt under way; what the file holds stays on this computer and in the queue until the person retries. */
  pause(transferId: string): Promise<void> {
    return this.#local.uploader.hold(operationIdOf(transferId))
  }

  /** A change is given up for what the bucket has. */
  discard(transferId: string): Promise<void> {
    return this.#local.discard(operationIdOf(transferId))
  }

  async cancel(transferId: string): Promise<void> {
    if (transferId.startsWith('move-')) {
      await this.#local.cancelMove(transferId)
      return
    }
    if (isCopyId(transferId)) {
      this.#local.files.copies.cancel(transferId)
      return
    }
    if (isSaveId(transferId)) {
      this.#local.versions.cancelSave(transferId)
      return
    }
    throw new ProblemError(transferIsOver())
  }
}

const transferIsOver = (): Problem => ({ code: 'not-found', message: t('worker.transfer-over') })

function operationIdOf(transferId: string): number {
  const id = Number(/^op-(\d+)$/.exec(transferId)?.[1])
  if (!Number.isInteger(id)) {
    throw new ProblemError(transferIsOver())
  }
  return id
}
