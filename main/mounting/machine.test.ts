import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { familiesOf, readMachine } from './machine.ts'

function systemWith(files: Record<string, string>) {
  const root = tempFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const look = (searchPath = '/opt/bin') => readMachine({ platform: 'linux', searchPath, root })
  return { root, look }
}

describe('what this computer has', () => {
  it('nothing, of an empty system, but a library nobody can look for', () => {
    expect(systemWith({}).look()).toMatchObject({ hasHelper: false, hasLibrary: true, device: 'absent', tools: {} })
  })

  it('fusermount, also where only the search path has it', () => {
    expect(systemWith({ 'opt/bin/fusermount': '' }).look().hasHelper).toBe(true)
    expect(systemWith({ 'opt/bin/fusermount': '' }).look('/usr/games').hasHelper).toBe(false)
    expect(systemWith({ 'bin/fusermount': '' }).look('').hasHelper).toBe(true)
  })

  it('libfuse 2, by the cache of the linker or as a file', () => {
    expect(systemWith({ 'etc/ld.so.cache': 'a\0libfuse3.so.3\0' }).look().hasLibrary).toBe(false)
    expect(systemWith({ 'etc/ld.so.cache': 'a\0libfuse.so.2\0' }).look().hasLibrary).toBe(true)
    const files = { 'etc/ld.so.cache': 'a\0', 'usr/lib64/libfuse.so.2': '' }
    expect(systemWith(files).look().hasLibrary).toBe(true)
  })

  it('a device, and whether it may be used', () => {
    const { root, look } = systemWith({ 'dev/fuse': '' })
    expect(look().device).toBe('usable')
    chmodSync(join(root, 'dev/fuse'), 0)
    // Root may use everything.
    expect(look().device).toBe(process.getuid?.() === 0 ? 'usable' : 'forbidden')
  })

  it('programs that may be run as root, from the folders of the system alone', () => {
    const files = { 'usr/bin/pkexec': '', 'opt/bin/apt-get': '', 'sbin/modprobe': '', 'run/.containerenv': '' }
    const { root, look } = systemWith(files)
    expect(look()).toMatchObject({ isContainer: true, tools: { pkexec: join(root, 'usr/bin/pkexec') } })
    expect(look().tools).not.toHaveProperty('apt-get')
  })
})

describe('the families of a system', () => {
  it.each<[string, string[]]>([
    ['NAME="Fedora Linux"\nID=fedora\n', ['fedora']],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', ['linuxmint', 'ubuntu', 'debian']],
    ["ID='opensuse-leap'\nID_LIKE='suse opensuse'", ['opensuse-leap', 'suse', 'opensuse']],
    ['', []],
  ])('%j', (text, families) => {
    expect(familiesOf(text)).toEqual(families)
  })
})
