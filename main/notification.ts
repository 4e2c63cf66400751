/** A word from the system's notifications, for when there is no window to say it in. */
import { Notification } from 'electron'

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
