/** What the system's notifications are used for; each can be turned off by itself. */
import { z } from 'zod'

/**
 * `conflicts`: files changed on both sides. `queued`: what an unmount or a quit leaves for later. `sign-ins`: keys that only a person can
 * renew have ended. `trouble`: changes refused, no space left, a drive that stopped or could not be mounted.
 */
export const notificationKinds = ['conflicts', 'sign-ins', 'trouble', 'queued'] as const
export const notificationKindSchema = z.enum(notificationKinds)
export type NotificationKind = z.infer<typeof notificationKindSchema>

/** The kinds that are turned off, with this one on or off. */
export function withNotified(
  silenced: readonly NotificationKind[],
  kind: NotificationKind,
  isOn: boolean,
): NotificationKind[] {
  const others = silenced.filter((other) => other !== kind)
  return isOn ? others : [...others, kind]
}
