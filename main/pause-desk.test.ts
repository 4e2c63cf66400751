import { describe, expect, it } from 'vitest'
import { emptyDriveStatus, type DriveState } from '../contracts/drive.ts'
import { ProblemError } from '../contracts/problem.ts'
import type { DriveFleet } from './drive-fleet.ts'
import { pauseDesk } from './pause-desk.ts'
import { sampleDrive } from './testing/samples.ts'

const now = new Date(2026, 10, 21, 15)
const states: Record<string, DriveState> = {
  a: { state: 'mounted' },
  b: { state: 'unmounted' },
  c: { state: 'mounted' },
}

function deskOn(refusing: string[] = []) {
  const asked: [string, string, unknown][] = []
  const fleet = {
    views: () =>
      Object.entries(states).map(([id, state]) => ({
        drive: { ...sampleDrive(), id },
        state,
        status: emptyDriveStatus,
      })),
    ask: (id: string, name: string, params: unknown) => {
      asked.push([id, name, params])
      return refusing.includes(id)
        ? Promise.reject(new ProblemError({ code: 'worker-crashed', message: `${id} is gone` }))
        : Promise.resolve({})
    },
  } as unknown as Pick<DriveFleet, 'ask' | 'views'>
  return { asked, desk: pauseDesk({ fleet, now: () => now }) }
}

describe('pausing', () => {
  it('tells one drive until when', async () => {
    const { asked, desk } = deskOn()
    await desk.pause('a', 'hour')
    expect(asked).toEqual([['a', 'drive:pause', { until: now.getTime() + 3_600_000 }]])
  })

  it('means every mounted drive without a drive', async () => {
    const { asked, desk } = deskOn()
    await desk.pause(undefined, 'resumed')
    await desk.resume(undefined)
    expect(asked.map(([id, name]) => `${id} ${name}`)).toEqual([
      'a drive:pause',
      'c drive:pause',
      'a drive:resume',
      'c drive:resume',
    ])
  })

  it('asks the others where one cannot answer, and says so', async () => {
    const { asked, desk } = deskOn(['a'])
    await expect(desk.pause(undefined, 'hour')).rejects.toThrow('a is gone')
    expect(asked.map(([id]) => id)).toEqual(['a', 'c'])
  })
})
