import type { Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'

export function workerEnded(label: string, exitCode: number): Problem {
  return {
    code: 'worker-crashed',
    message: t('main.drive-crashed', { label }),
    consequence: t('main.drive-crashed.consequence'),
    remedy: t('main.drive-crashed.remedy'),
    detail: `exit code ${exitCode}`,
  }
}
