import { describe, expect, it } from 'vitest'
import { emptyDriveStatus, type DriveStatus } from '../../../contracts/drive.ts'
import type { DriveView } from '../../../contracts/ipc.ts'
import { driveSummary } from './drive-words.ts'
import { signedOutInWords, signInState, wayBack } from './sign-in-words.ts'

const at = (hour: number, minute: number): number => new Date(2026, 10, 21, hour, minute).getTime()
const status = (part: Partial<DriveStatus>): DriveStatus => ({ ...emptyDriveStatus, ...part })
const view = (part: Partial<DriveStatus>): DriveView =>
  ({ drive: { id: 'd1' }, state: { state: 'mounted' }, status: status(part) }) as DriveView
const profile = { kind: 'profile', profile: 'work' } as const

describe('a sign-in that has ended', () => {
  it('is told with its time where that is known, and with what waits', () => {
    const ended = status({ connection: 'signed-out', signIn: { endsAt: at(14, 5) }, pendingOperations: 3 })
    expect(signedOutInWords(ended, at(14, 6))).toBe(
      'Your sign-in ended at 14:05. Files on this computer stay readable; 3 changes wait.',
    )
    expect(signedOutInWords({ ...ended, pendingOperations: 0 }, at(14, 6))).toBe(
      'Your sign-in ended at 14:05. Files on this computer stay readable; changes wait.',
    )
    expect(signedOutInWords({ ...ended, signIn: {}, pendingOperations: 1 }, 0)).toBe(
      'Your sign-in has ended. Files on this computer stay readable; 1 change waits.',
    )
    // Taken away before its time.
    expect(signedOutInWords(ended, at(13, 0))).toMatch(/^Your sign-in has ended\./)
    const problem = { code: 'profile-unknown', message: 'No credentials.' } as const
    expect(signedOutInWords({ ...ended, problem }, at(14, 6))).toMatch(/^There is nothing to sign in with/)
  })

  it('is a state of its own, not “Offline”', () => {
    const drive = view({ connection: 'signed-out', problem: { code: 'token-expired', message: 'x' } })
    expect(driveSummary(drive, 0)).toMatchObject({ label: 'Signed out', tone: 'warning', icon: 'attention' })
    expect(driveSummary(drive, 0).problem).toBeUndefined()
    expect(signInState(drive, 0)).toEqual({ state: 'ended' })
  })
})

it('a sign-in that is about to end is told ten minutes before', () => {
  const drive = view({ signIn: { endsAt: at(14, 5) } })
  expect(signInState(drive, at(13, 54))).toBeUndefined()
  expect(signInState(drive, at(13, 55))).toEqual({ state: 'ending', sentence: 'Your sign-in ends at 14:05.' })
  expect(signInState(drive, at(14, 5))).toBeUndefined()
  expect(signInState({ ...drive, state: { state: 'unmounted' } }, at(14, 0))).toBeUndefined()
})

it('the way back is the command of the tool, the tool, or new keys', () => {
  const command = 'aws sso login --profile work'
  expect(wayBack(status({ signIn: { command } }), profile)).toMatchObject({ command, editsAccount: false })
  expect(wayBack(status({ signIn: {} }), profile).how).toContain('profile “work”')
  expect(wayBack(status({}), { kind: 'static', accessKeyId: 'A' })).toMatchObject({ editsAccount: true })
  expect(wayBack(status({}), { kind: 'environment' }).how).toContain('environment')
})
