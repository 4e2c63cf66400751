/** A word from the system's notifications, for when there is no window to say it in. */
import { Notification } from 'electron'
import type { NotificationKind } from '../contracts/notification.ts'
import type { AppStore } from './app-store.ts'

/** A desktop without such a service, or a slow one, must not hold anything up. */
const patienceMs = 700

/** Resolves when it is shown, as far as can be told. */
export async function notify(message: string): Promise<void> {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title: 'CloudMount', body: message })
  await new Promise<void>((resolve) => {
    notification.once('show', () => resolve())
    setTimeout(resolve, patienceMs)
    notification.show()
  })
}

/** Notifications that can be clicked; they are held on to, or their click would be forgotten with them. */
export function clickableNotice(): (message: string, onClick: () => void) => void {
  const shown = new Set<Notification>()
  return (message, onClick) => {
    if (!Notification.isSupported()) return
    const notification = new Notification({ title: 'CloudMount', body: message })
    shown.add(notification)
    notification.once('click', onClick)
    for (const over of ['click', 'close', 'failed'] as const)
      notification.once(over as 'close', () => void shown.delete(notification))
    notification.show()
  }
}

export function isNotified(store: Pick<AppStore, 'settings'>, kind: NotificationKind): boolean {
  return store.settings().silenced?.includes(kind) !== true
}
