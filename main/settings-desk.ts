/** What the settings change outside the store: language, colours, the log, start at login. */
import { app, nativeTheme } from 'electron'
import { usualLogLevel } from '../contracts/diagnostics.ts'
import type { Settings } from '../contracts/ipc.ts'
import { languageInUse } from '../language/language.ts'
import type { Core } from './core.ts'
import { setOpensAtLogin } from './login-item.ts'
import type { Program } from './program.ts'
import { speak } from './speech.ts'

export type SettingsDesk = ReturnType<typeof settingsDesk>

export function settingsDesk({ program, core }: { program: Program; core: Core }) {
  const { store, events, limits, updates, fleet } = core
  const { homeDirectory } = program.places
  const openAtLogin = (isWanted: boolean) => setOpensAtLogin(isWanted, { homeDirectory, environment: process.env })
  return {
    start: () => {
      const { theme, opensAtLogin } = store.settings()
      nativeTheme.themeSource = theme
      // An AppImage that was moved, or came with another name, is started where it is now.
      if (opensAtLogin && app.isPackaged) openAtLogin(true)
    },
    save: (settings: Settings): Settings => {
      const before = store.settings()
      // The proxy has its own way, with its password.
      const { proxy: _other, ...rest } = settings
      store.setSettings({ ...rest, ...(before.proxy === undefined ? {} : { proxy: before.proxy }) })
      nativeTheme.themeSource = settings.theme
      limits.look()
      if (settings.opensAtLogin !== before.opensAtLogin && app.isPackaged) openAtLogin(settings.opensAtLogin)
      if (settings.language !== before.language) {
        speak(settings)
        fleet.setLanguage(languageInUse().tag)
      }
      if (settings.updateChannel !== before.updateChannel) updates.channelChanged()
      if (settings.logLevel !== before.logLevel) {
        program.setLogLevel(settings.logLevel)
        fleet.setLogLevel(settings.logLevel ?? usualLogLevel)
      }
      events.changed('settings')
      return store.settings()
    },
  }
}
