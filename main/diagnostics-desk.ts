/** What the window asks for to find out what went wrong: the support bundle, made from what main knows and the end of its log. */
import { open, writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import { t } from '../language/language.ts'
import type { DriveFleet } from './drive-fleet.ts'
import type { AppStore } from './app-store.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'
import type { NoticeBoard } from './notice-board.ts'
import { supportBundle } from './support-bundle.ts'
import type { TransferBoard } from './transfer-board.ts'

type Served = Extract<keyof IpcHandlers, `diagnostics:${string}`>

/** Of the log, from its end: some hours of an ordinary day. */
const mostLogBytes = 256 * 1024

export type DiagnosticsDeskOptions = {
  store: Pick<AppStore, 'settings' | 'accounts'>
  fleet: Pick<DriveFleet, 'views'>
  transfers: Pick<TransferBoard, 'all'>
  notices: Pick<NoticeBoard, 'all'>
  appVersion: string
  logPath: string
  isMountable: () => boolean
  copyText: (text: string) => void | Promise<void>
  chooseTarget: (asked: { title: string; start: string }) => Promise<string | undefined>
}

export function diagnosticsHandlers(options: DiagnosticsDeskOptions): Pick<IpcHandlers, Served> {
  const { store, fleet, transfers, notices } = options
  return {
    'diagnostics:bundle': async () => ({
      text: supportBundle({
        nowMs: Date.now(),
        versions: { cloudmount: options.appVersion, ...ownVersions() },
        system: { ...system(), canMount: options.isMountable() },
        settings: store.settings(),
        accounts: store.accounts(),
        drives: fleet.views(),
        transfers: transfers.all(),
        notices: notices.all(),
        logLines: await lastLines(options.logPath, mostLogBytes),
      }),
    }),
    'diagnostics:copy': async ({ text }) => {
      await options.copyText(text)
      return {}
    },
    'diagnostics:save': async ({ text }) => {
      const title = t('main.choose.bundle')
      const target = await options.chooseTarget({ title, start: 'cloudmount-support.txt' })
      if (target === undefined) return {}
      await writeFile(target, text)
      return { target }
    },
  }
}

function ownVersions(): Record<string, string> {
  const names = ['node', 'electron', 'chrome']
  return Object.fromEntries(Object.entries(process.versions).filter(([name]) => names.includes(name))) as Record<
    string,
    string
  >
}

function system(): Record<string, string | number> {
  return { platform: process.platform, arch: arch(), release: release(), cpus: cpus().length, memoryBytes: totalmem() }
}

/** Whole lines only; none where there is no log. */
export async function lastLines(path: string, mostBytes: number): Promise<string[]> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return []
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - mostBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n')
    return (start > 0 ? lines.slice(1) : lines).filter((line) => line !== '')
  } finally {
    await file.close()
  }
}
