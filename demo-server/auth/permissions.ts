/** Which user may do what. Anonymous callers may list and read where the bucket says so. */
import { s3Error } from '../errors.ts'
import type { DemoUser, Policy } from '../options.ts'

export type Permission = 'list-buckets' | 'list' | 'read' | 'write' | 'delete' | 'configure'

const ALL: readonly Permission[] = ['list-buckets', 'list', 'read', 'write', 'delete', 'configure']

const ALLOWED: Record<Policy, readonly Permission[]> = {
  full: ALL,
  'read-only': ['list-buckets', 'list', 'read'],
  'no-list': ['read', 'write', 'delete'],
  'no-read': ALL.filter((permission) => permission !== 'read'),
  'no-write': ['list-buckets', 'list', 'read', 'delete'],
  'no-delete': ['list-buckets', 'list', 'read', 'write'],
  none: [],
}

export type Place = { name: string; anonymousRead: boolean } | undefined

export function isAllowed(user: DemoUser | undefined, permission: Permission, place: Place): boolean {
  if (!user) return place?.anonymousRead === true && (permission === 'list' || permission === 'read')
  if (place && user.buckets && !user.buckets.includes(place.name)) return false
  return ALLOWED[user.policy].includes(permission)
}

export function requirePermission(user: DemoUser | undefined, permission: Permission, place: Place): void {
  if (!isAllowed(user, permission, place)) throw s3Error('AccessDenied')
}
