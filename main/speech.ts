/** The language of the tray and of everything else that main says. */
import { app } from 'electron'
import type { Settings } from '../contracts/ipc.ts'
import { useLanguage } from '../language/language.ts'
import { nearestLanguage } from '../language/languages.ts'

export function speak({ language }: Settings): void {
  useLanguage(language ?? nearestLanguage(app.getPreferredSystemLanguages()))
}
