import type { Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'

export function workerEnded(label: string, exitCode: number): Problem {
  return {
    code: 'worker-crashed',
    message: t('main.drive-crashed', { label }),
    detail: `exit code ${exitCode}`,
  }
}
