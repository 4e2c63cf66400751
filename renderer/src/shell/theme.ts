import type { Settings } from '../../../contracts/ipc.ts'

/** Puts the chosen theme on the page, and follows the system while that is the choice. Returns what stops following. */
export function showTheme(theme: Settings['theme']): () => void {
  const systemDark = window.matchMedia('(prefers-color-scheme: dark)')
  const show = () => {
    const isDark = theme === 'dark' || (theme === 'system' && systemDark.matches)
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
  }
  show()
  systemDark.addEventListener('change', show)
  return () => systemDark.removeEventListener('change', show)
}
