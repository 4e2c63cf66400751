import { describe, expect, it, vi } from 'vitest'
import { autostartEntry } from './login-item.ts'
import { mountBlocker } from './mount-blocker.ts'

vi.mock('electron', () => ({ app: {} }))

describe('the entry that starts us at login', () => {
  it('quotes a path whatever is in it', () => {
    expect(autostartEntry('/opt/My "Apps"/100%/a$b')).toContain('Exec="/opt/My \\"Apps\\"/100%%/a\\$b" --hidden\n')
  })
})

describe('what keeps this machine from mounting', () => {
  const look = (platform: NodeJS.Platform, paths: string[], isWritable = true) =>
    mountBlocker({
      platform,
      searchPath: '/opt/bin',
      exists: (path) => paths.includes(path),
      isWritable: () => isWritable,
    })

  it.each<[string, NodeJS.Platform, string[], boolean, string | undefined]>([
    ['nothing', 'linux', ['/opt/bin/fusermount', '/dev/fuse'], true, undefined],
    ['no fusermount', 'linux', ['/dev/fuse'], true, 'fuse-missing'],
    ['no device', 'linux', ['/usr/bin/fusermount'], true, 'fuse-missing'],
    ['a device that is not ours', 'linux', ['/usr/bin/fusermount', '/dev/fuse'], false, 'fuse-not-permitted'],
    ['no macFUSE', 'darwin', [], true, 'fuse-missing'],
    ['nothing on a mac', 'darwin', ['/Library/Filesystems/macfuse.fs'], true, undefined],
  ])('%s', (_title, platform, paths, isWritable, code) => {
    const problem = look(platform, paths, isWritable)
    expect(problem?.code).toBe(code)
    expect(problem === undefined || problem.remedy !== undefined).toBe(true)
  })
})
