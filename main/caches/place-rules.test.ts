import { expect, it } from 'vitest'
import { diskProblem, diskWarning, nameProblem, roomProblem } from './place-rules.ts'

const surroundings = {
  current: '/home/ana/.config/CloudMount/drives',
  drives: [
    {
      drive: { name: 'Photos', mountpoint: '/home/ana/CloudMount/photos' },
      cache: '/home/ana/.config/CloudMount/drives/d1',
    },
    { drive: { name: 'Scans', mountpoint: '/mnt/big/scans' }, cache: '/mnt/own/d2' },
  ],
}

it.each([
  ['big/caches', 'is not a whole path'],
  ['/home/ana/.config/CloudMount/drives', 'are in /home/ana/.config/CloudMount/drives already'],
  ['/home/ana/.config/CloudMount/drives/x', 'cannot be moved into themselves'],
  ['/home/ana/.config/CloudMount', 'cannot be moved into themselves'],
  ['/home/ana/CloudMount/photos', 'is on the drive “Photos”'],
  ['/home/ana/CloudMount/photos/2026/caches', 'is on the drive “Photos”'],
  ['/mnt/big', 'The drive “Scans” is mounted inside /mnt/big'],
  ['/mnt/own/d2/caches', 'is inside the cache of the drive “Scans”'],
])('refuses %s', (directory, message) => {
  expect(nameProblem(directory, surroundings)?.message).toContain(message)
})

it('takes a folder beside all that, also one whose name begins alike', () => {
  for (const directory of [
    '/mnt/disk/CloudMount cache',
    '/home/ana/CloudMount/photos2',
    '/home/ana/.config/CloudMount/drives2',
  ])
    expect(nameProblem(directory, surroundings)).toBeUndefined()
})

it('wants room for what there is and some more, and next to none where nothing is copied', () => {
  const gigabyte = 1e9
  expect(roomProblem('/mnt', 10 * gigabyte, 10 * gigabyte)).toMatchObject({ code: 'disk-full' })
  expect(roomProblem('/mnt', 10 * gigabyte, 11 * gigabyte)).toBeUndefined()
  expect(roomProblem('/mnt', 0, gigabyte)).toBeUndefined()
  expect(roomProblem('/mnt', 0, 1000)?.message).toContain('1 kB are free')
})

it('refuses memory, warns of what can be unplugged or is far away, and says nothing of the rest', () => {
  const kinds = ['local', 'removable', 'network', 'memory', 'unknown'] as const
  const answers = kinds.map((kind) => [diskProblem('/x', kind)?.code, diskWarning('/x', kind)?.message])
  expect(answers).toEqual([
    [undefined, undefined],
    [undefined, '/x is on a disk that can be unplugged.'],
    [undefined, '/x is on a disk of another computer.'],
    ['cache-unusable', undefined],
    [undefined, undefined],
  ])
})
