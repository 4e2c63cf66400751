/** What this process was started with: where its things are, and what it writes to its log. */
import { app } from 'electron'
import { join } from 'node:path'
import { usualLogLevel, type LogLevel } from '../contracts/diagnostics.ts'
import { bundledPaths } from './app-window.ts'
import { fileLog } from './log.ts'

export type Program = ReturnType<typeof startedProgram>

/** `--user-data-dir=DIR` keeps settings, caches and logs in DIR. */
export function startedProgram(mainDirectory: string) {
  const askedDirectory = app.commandLine.getSwitchValue('user-data-dir')
  if (askedDirectory !== '') app.setPath('userData', askedDirectory)
  const userDataDirectory = app.getPath('userData')
  app.setAppLogsPath(join(userDataDirectory, 'logs'))
  const logPath = join(userDataDirectory, 'logs', 'main.log')
  let level: LogLevel = usualLogLevel
  const writeLog = fileLog({
    path: logPath,
    level: () => level,
    ...(app.isPackaged ? {} : { echo: (line) => void process.stderr.write(line) }),
  })
  return {
    places: { homeDirectory: app.getPath('home'), userDataDirectory },
    paths: bundledPaths(mainDirectory, app.getAppPath()),
    /** Where a test of an unpackaged application has another system. */
    systemRoot: app.isPackaged ? undefined : process.env['CLOUDMOUNT_SYSTEM_ROOT'],
    logPath,
    writeLog,
    log: (message: string) => writeLog('info', message),
    setLogLevel: (next: LogLevel = usualLogLevel) => {
      level = next
    },
  }
}

export function platformName(): 'linux' | 'darwin' | 'win32' {
  return process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux'
}
