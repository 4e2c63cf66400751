import { describe, expect, it } from 'vitest'
import { fixCommand, mountBlocker } from './blocker.ts'
import type { Machine } from './machine.ts'

const tools = { 'apt-get': '/usr/bin/apt-get', pkexec: '/usr/bin/pkexec', modprobe: '/sbin/modprobe' }
const whole: Machine = {
  platform: 'linux',
  hasMacFuse: false,
  hasHelper: true,
  hasLibrary: true,
  device: 'usable',
  isContainer: false,
  families: ['debian'],
  tools,
}
const bare = { ...whole, hasHelper: false, hasLibrary: false }

describe('what keeps this computer from mounting', () => {
  it.each<[string, Partial<Machine>, string[], string | undefined]>([
    ['nothing', {}, [], undefined],
    ['no fusermount', { hasHelper: false }, ['helper'], 'fuse-missing'],
    ['no libfuse', { hasLibrary: false }, ['library'], 'fuse-missing'],
    ['no device', { device: 'absent' }, ['device'], 'fuse-missing'],
    ['a device that is not ours', { device: 'forbidden' }, ['permission'], 'fuse-not-permitted'],
    ['no macFUSE', { platform: 'darwin', hasHelper: false }, ['macfuse'], 'fuse-missing'],
    ['nothing on a Mac', { platform: 'darwin', hasMacFuse: true, device: 'absent' }, [], undefined],
    ['Windows', { platform: 'win32' }, ['windows'], 'fuse-missing'],
  ])('%s', (_title, change, missing, code) => {
    const blocker = mountBlocker({ ...whole, ...change })
    expect(blocker?.missing ?? []).toEqual(missing)
    expect(blocker?.problem.code).toBe(code)
    expect(blocker === undefined || blocker.problem.remedy !== undefined).toBe(true)
  })

  it('is named with everything that is missing', () => {
    expect(mountBlocker(bare)?.problem.message).toContain(
      'the program fusermount and the library libfuse 2 are missing',
    )
  })
})

describe('what puts it right', () => {
  it.each<[string, string[], Machine['tools'], string]>([
    ['Debian', ['debian'], { 'apt-get': '/usr/bin/apt-get' }, 'apt-get install --yes fuse3 libfuse2'],
    [
      'a relative of Ubuntu',
      ['linuxmint', 'ubuntu', 'debian'],
      { 'apt-get': '/usr/bin/apt-get' },
      'apt-get install --yes fuse3 libfuse2',
    ],
    ['Fedora', ['fedora'], { dnf: '/usr/bin/dnf' }, 'dnf install --assumeyes fuse fuse-libs'],
    [
      'a relative of Red Hat',
      ['rocky', 'rhel', 'fedora'],
      { dnf: '/usr/bin/dnf' },
      'dnf install --assumeyes fuse fuse-libs',
    ],
    [
      'openSUSE',
      ['opensuse-tumbleweed', 'opensuse', 'suse'],
      { zypper: '/usr/bin/zypper' },
      'zypper --non-interactive install fuse libfuse2',
    ],
    ['Arch', ['manjaro', 'arch'], { pacman: '/usr/bin/pacman' }, 'pacman --sync --needed --noconfirm fuse2'],
  ])('on %s', (_title, families, present, command) => {
    const machine = { ...bare, families, tools: present }
    expect(mountBlocker(machine)?.fix).toEqual({ kind: 'by-hand', does: 'install', command: `sudo ${command}` })
    const [name = '', ...args] = command.split(' ')
    expect(fixCommand({ ...machine, tools: { ...present, pkexec: '/usr/bin/pkexec' } })).toEqual({
      program: '/usr/bin/pkexec',
      args: ['--disable-internal-agent', Object.values(present).find((path) => path.endsWith(name)), ...args],
    })
  })

  it('is shown exactly as it is run', () => {
    const { fix } = mountBlocker({ ...whole, hasLibrary: false }) ?? {}
    const { program, args } = fixCommand({ ...whole, hasLibrary: false })!
    expect(fix).toMatchObject({ kind: 'run', command: [program, ...args].join(' ') })
    expect(args).not.toContain('fuse3')
  })

  it.each<[string, Partial<Machine>]>([
    ['a system whose packages are not known', { families: ['void'] }],
    ['a package manager that is not there', { tools: { pkexec: '/usr/bin/pkexec' } }],
  ])('is not made up for %s', (_title, change) => {
    const machine = { ...bare, ...change }
    expect(mountBlocker(machine)?.fix).toEqual({ kind: 'none' })
    expect(fixCommand(machine)).toBeUndefined()
  })

  it('loads the module where only the device is missing, but not in a container', () => {
    const machine: Machine = { ...whole, device: 'absent' }
    expect(fixCommand(machine)?.args.slice(1)).toEqual(['/sbin/modprobe', 'fuse'])
    expect(mountBlocker({ ...machine, isContainer: true })?.fix).toEqual({ kind: 'none' })
  })

  it('is never run for a device that is not ours, or on a Mac', () => {
    expect(fixCommand({ ...whole, device: 'forbidden' })).toBeUndefined()
    expect(mountBlocker({ ...whole, device: 'forbidden' })?.fix).toMatchObject({ kind: 'by-hand', does: 'permit' })
    expect(fixCommand({ ...bare, platform: 'darwin' })).toBeUndefined()
    expect(mountBlocker({ ...bare, platform: 'darwin' })?.fix).toEqual({ kind: 'page', link: 'macfuse' })
  })

  it('is not needed on a computer that has everything', () => {
    expect(fixCommand(whole)).toBeUndefined()
  })
})
