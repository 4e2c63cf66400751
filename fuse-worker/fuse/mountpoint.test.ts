import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { detachCommands } from './detach.ts'
import { describeHolders, mappedFiles, parseLsof } from './holders.ts'
import { driveAround, isDrive, mountOn, mountsBelow, parseMountInfo, parseMountOutput } from './mount-table.ts'
import { inspectMountpoint, mountpointProblem } from './mountpoint.ts'
import type { FuseFact, TargetFact } from './mountpoint.ts'

const empty: TargetFact = { kind: 'directory', isEmpty: true, isWritable: true }
const disk = { mountpoint: '/m', type: 'ext4', source: '/dev/sdb1' }
const drive = { mountpoint: '/home/a/Drive', type: 'fuse.cloudmount', source: 'cloudmount:b' }

describe('what stands in the way of a mount', () => {
  const table: [FuseFact, TargetFact, string | undefined, RegExp][] = [
    ['ready', empty, undefined, /^$/],
    ['no-device', empty, 'fuse-missing', /modprobe fuse/],
    ['no-helper', empty, 'fuse-missing', /apt install fuse/],
    ['no-macfuse', empty, 'fuse-missing', /brew install --cask macfuse/],
    ['not-permitted', empty, 'fuse-not-permitted', /chmod 666/],
    ['allow-other-forbidden', empty, 'fuse-not-permitted', /user_allow_other/],
    ['ready', { kind: 'missing' }, 'mountpoint-missing', /Create it/],
    ['ready', { kind: 'not-directory' }, 'mountpoint-not-directory', /empty folder/],
    ['ready', { kind: 'directory', isEmpty: false, isWritable: true }, 'mountpoint-not-empty', /hides/],
    ['ready', { kind: 'directory', isEmpty: true, isWritable: false }, 'mountpoint-not-permitted', /home/],
    ['ready', { kind: 'not-permitted', detail: 'EACCES' }, 'mountpoint-not-permitted', /home/],
    ['ready', { kind: 'mounted', by: disk }, 'mountpoint-busy', /Unmount that/],
    ['ready', { kind: 'stale' }, 'mountpoint-stale', /fusermount -uz/],
    ['ready', { kind: 'inside-drive', drive }, 'mountpoint-inside-drive', /local disk/],
    ['no-device', { kind: 'missing' }, 'fuse-missing', /modprobe/],
  ]

  test.each(table)('fuse %s, target %j: %s', (fuse, target, code, remedy) => {
    const problem = mountpointProblem({ path: '/m', fuse, target })
    expect(problem?.code).toBe(code)
    expect(problem?.remedy ?? '').toMatch(remedy)
  })
})

describe('the mount table', () => {
  const text = String.raw`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
60 22 0:45 / /home/a/My\040Drive\134x rw,nosuid - fuse.cloudmount cloudmount:bucket/a,b rw,user_id=0
61 22 0:46 / /home/a/\303\274 rw shared:5 master:2 - tmpfs tmpfs rw
`
  test('is read with escapes, several bytes to a character, and any number of optional fields', () => {
    expect(parseMountInfo(text)).toEqual([
      { mountpoint: '/', type: 'ext4', source: '/dev/vda' },
      { mountpoint: '/home/a/My Drive\\x', type: 'fuse.cloudmount', source: 'cloudmount:bucket/a,b' },
      { mountpoint: '/home/a/ü', type: 'tmpfs', source: 'tmpfs' },
    ])
  })

  test('is read from the output of mount on macOS', () => {
    const output = '/dev/disk1s1 on / (apfs, local)\ncloudmount:b on /Users/a/My on Drive (macfuse, nodev, nosuid)\n'
    expect(parseMountOutput(output)).toEqual([
      { mountpoint: '/', type: 'apfs', source: '/dev/disk1s1' },
      { mountpoint: '/Users/a/My on Drive', type: 'macfuse', source: 'cloudmount:b' },
    ])
    expect(isDrive({ mountpoint: '/Users/a/d', type: 'macfuse', source: 'cloudmount:b' })).toBe(true)
  })

  test('knows the uppermost mount, what lies below, and the drive around a path', () => {
    const table = [disk, { ...disk, source: 'upper' }, drive, { ...disk, mountpoint: '/home/a/Drive/inner' }]
    expect(mountOn(table, '/m')?.source).toBe('upper')
    expect(mountsBelow(table, '/home/a/Drive').map((entry) => entry.mountpoint)).toEqual(['/home/a/Drive/inner'])
    expect(driveAround(table, '/home/a/Drive/x')).toBe(drive)
    expect(driveAround(table, '/home/a/Drive')).toBeUndefined()
    expect(driveAround(table, '/home/a/Drive2')).toBeUndefined()
  })
})

describe('who holds a drive', () => {
  test('is shortened when they are many', () => {
    const holders = [1, 2, 3, 4, 5, 6, 7].map((pid) => ({ pid, name: 'sh' }))
    expect(describeHolders(holders.slice(0, 2))).toBe('sh (1), sh (2)')
    expect(describeHolders(holders)).toBe('sh (1), sh (2), sh (3), sh (4), sh (5) and 2 more')
  })

  test('is read from lsof', () => {
    expect(parseLsof('p12\ncvim\nfcwd\np13\nczsh\n')).toEqual([
      { pid: 12, name: 'vim' },
      { pid: 13, name: 'zsh' },
    ])
  })

  test('includes mapped files with spaces in their names', () => {
    const maps = '7f00-7f01 r--s 00000000 00:2d 5    /mnt/a b/c\n7f02-7f03 rw-p 00000000 00:00 0 \n'
    expect(mappedFiles(maps)).toEqual(['/mnt/a b/c'])
  })
})

test('detaching tries the least privileged program first, and lazily only when told', () => {
  expect(detachCommands('/m', false, 'linux').map((words) => words.join(' '))).toEqual([
    'fusermount -u -- /m',
    'fusermount3 -u -- /m',
    'umount /m',
  ])
  expect(detachCommands('/m', true, 'linux')[0]?.join(' ')).toBe('fusermount -uz -- /m')
  expect(detachCommands('/m', false, 'darwin')[0]?.join(' ')).toBe('/sbin/umount /m')
})

describe('looking at a real folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mountpoint-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const kindOf = async (name: string) => (await inspectMountpoint(path.join(folder, name))).target

  test('tells missing, file, empty and full apart', async () => {
    await writeFile(path.join(folder, 'file'), '')
    await mkdir(path.join(folder, 'full/inner'), { recursive: true })
    await mkdir(path.join(folder, 'empty'))
    await symlink('empty', path.join(folder, 'link'))
    expect(await kindOf('absent')).toEqual({ kind: 'missing' })
    expect(await kindOf('file')).toEqual({ kind: 'not-directory' })
    expect(await kindOf('file/below')).toEqual({ kind: 'not-directory' })
    expect(await kindOf('full')).toMatchObject({ kind: 'directory', isEmpty: false })
    expect(await kindOf('empty')).toEqual(empty)
    expect(await kindOf('link')).toEqual(empty)
  })

  test.runIf(process.platform === 'linux')('sees what is mounted there', async () => {
    expect((await inspectMountpoint('/proc')).target).toMatchObject({ kind: 'mounted', by: { type: 'proc' } })
  })
})
