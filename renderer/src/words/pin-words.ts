/** What is said of something that is kept on this computer. */
import type { Pin } from '../../../contracts/pin.ts'
import { t } from '../../../language/language.ts'
import { bytesInWords, shareInWords } from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

export function pinName({ path }: Pin): string {
  return path === '' ? t('drives.keep.whole') : path
}

export function pinSummary(pin: Pin): { label: string; detail: string; tone: Tone; icon: StateIcon } {
  const { files, readyFiles, sizeBytes, readyBytes, status } = pin
  const whole = pin.isFolder
    ? t('drives.keep.size', { files, bytes: bytesInWords(sizeBytes) })
    : bytesInWords(sizeBytes)
  const share = pin.isFolder
    ? t('drives.keep.share', { ready: readyFiles, files, bytes: shareInWords(readyBytes, sizeBytes) })
    : shareInWords(readyBytes, sizeBytes)
  switch (status.state) {
    case 'ready':
      return { label: t('drives.keep.ready'), detail: whole, tone: 'good', icon: 'check' }
    case 'fetching':
      return { label: t('drives.keep.fetching'), detail: share, tone: 'active', icon: 'sync' }
    case 'waiting':
      return { label: t('drives.keep.waiting'), detail: share, tone: 'warning', icon: 'offline' }
    case 'failed':
      return { label: t('drives.keep.failed'), detail: share, tone: 'danger', icon: 'error' }
    default:
      return assertNever(status)
  }
}
