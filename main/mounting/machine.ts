/** Looks what this computer has to mount drives with: the only place that reads these facts. Decides nothing. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type PackageTool = 'apt-get' | 'dnf' | 'zypper' | 'pacman'

export type Machine = {
  platform: NodeJS.Platform
  /** macFUSE, on a Mac. */
  hasMacFuse: boolean
  /** `fusermount`, which mounts for somebody who is not root. */
  hasHelper: boolean
  /** `libfuse.so.2`; also true where it cannot be told. */
  hasLibrary: boolean
  device: 'absent' | 'forbidden' | 'usable'
  isContainer: boolean
  /** `ID` and then `ID_LIKE` of os-release. */
  families: readonly string[]
  tools: Partial<Record<PackageTool | 'pkexec' | 'modprobe', string>>
}

export type MachineOptions = {
  platform: NodeJS.Platform
  searchPath: string
  /** Where the system is; another one for a test. */
  root?: string | undefined
}

/** What runs as root comes from here and never from the person's search path. */
const systemFolders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
const libraryFolders = [
  ...['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'],
  ...['x86_64', 'aarch64'].flatMap((cpu) => [`/lib/${cpu}-linux-gnu`, `/usr/lib/${cpu}-linux-gnu`]),
]
const library = 'libfuse.so.2'
const toolNames = ['apt-get', 'dnf', 'zypper', 'pacman', 'pkexec', 'modprobe'] as const

export function readMachine({ platform, searchPath, root = '/' }: MachineOptions): Machine {
  const at = (path: string) => join(root, path)
  const find = (name: string, folders: readonly string[]) =>
    folders.map((folder) => at(join(folder, name))).find((path) => existsSync(path))
  const found = toolNames.flatMap((name) => {
    const path = find(name, systemFolders)
    return path === undefined ? [] : [[name, path] as const]
  })
  const device = at('/dev/fuse')
  return {
    platform,
    hasMacFuse: existsSync(at('/Library/Filesystems/macfuse.fs')),
    hasHelper: find('fusermount', [...searchPath.split(delimiter).filter(Boolean), ...systemFolders]) !== undefined,
    hasLibrary:
      find(library, libraryFolders) !== undefined || (read(at('/etc/ld.so.cache')) ?? library).includes(library),
    device: !existsSync(device) ? 'absent' : isUsable(device) ? 'usable' : 'forbidden',
    isContainer: ['/.dockerenv', '/run/.containerenv'].some((path) => existsSync(at(path))),
    families: familiesOf(read(at('/etc/os-release')) ?? ''),
    tools: Object.fromEntries(found),
  }
}

/** `ID` and `ID_LIKE` of an os-release file, the nearest first. */
export function familiesOf(osRelease: string): string[] {
  const values = new Map<string, string>()
  for (const line of osRelease.split('\n')) {
    const [, key, value] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? []
    if (key !== undefined && value !== undefined) values.set(key, value.replace(/^(["'])(.*)\1$/, '$2'))
  }
  return `${values.get('ID') ?? ''} ${values.get('ID_LIKE') ?? ''}`.toLowerCase().split(/\s+/).filter(Boolean)
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The cache of the linker is binary, with its names in plain ASCII. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
