/** What is said of something that is kept on this computer. */
import type { Pin } from '../../../contracts/pin.ts'
import { bytesInWords, plural, shareInWords } from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

export function pinName({ path }: Pin): string {
  return path === '' ? 'The whole drive' : path
}

export function pinSummary(pin: Pin): { label: string; detail: string; tone: Tone; icon: StateIcon } {
  const { files, readyFiles, sizeBytes, readyBytes, status } = pin
  const whole = pin.isFolder ? `${plural(files, 'file')}, ${bytesInWords(sizeBytes)}` : bytesInWords(sizeBytes)
  const share = pin.isFolder
    ? `${readyFiles} of ${plural(files, 'file')}, ${shareInWords(readyBytes, sizeBytes)}`
    : shareInWords(readyBytes, sizeBytes)
  switch (status.state) {
    case 'ready':
      return { label: 'Ready', detail: whole, tone: 'good', icon: 'check' }
    case 'fetching':
      return { label: 'Downloading', detail: share, tone: 'active', icon: 'sync' }
    case 'waiting':
      return { label: 'Waiting', detail: share, tone: 'warning', icon: 'offline' }
    case 'failed':
      return { label: 'Not complete', detail: share, tone: 'danger', icon: 'error' }
    default:
      return assertNever(status)
  }
}
