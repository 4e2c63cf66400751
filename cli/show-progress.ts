/** A line on the terminal that tells how far the uploads are; nothing where standard error is no terminal. */
import type { DriveStatus } from '../contracts/drive.ts'
import { rateInWords } from '../contracts/quantities.ts'
import { estimateInWords, estimateUpload, pendingInWords } from '../contracts/upload-estimate.ts'

const intervalMs = 500
const clearLine = '\r\u001b[K'

export function progressLine(status: DriveStatus): string {
  const parts = [`uploading ${pendingInWords(status)}`]
  if (status.uploadBytesPerSecond > 0) parts.push(rateInWords(status.uploadBytesPerSecond))
  parts.push(estimateInWords(estimateUpload([status])))
  return parts.join(', ')
}

/** Asks again and again until it is ended; a question that fails is no news. */
export function showProgress(ask: () => Promise<DriveStatus>): { end(): void } {
  if (!process.stderr.isTTY) return { end: () => undefined }
  let isOver = false
  let isAsking = false
  const timer = setInterval(() => {
    if (isAsking) return
    isAsking = true
    ask()
      .then(
        (status) => {
          if (!isOver && status.pendingOperations > 0) process.stderr.write(`${clearLine}${progressLine(status)}`)
        },
        () => undefined,
      )
      .finally(() => {
        isAsking = false
      })
  }, intervalMs)
  return {
    end() {
      isOver = true
      clearInterval(timer)
      process.stderr.write(clearLine)
    },
  }
}
