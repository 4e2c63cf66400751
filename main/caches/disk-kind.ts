/** On what kind of disk a folder is, as far as that decides whether caches may live there. Pure, but for reading what the system tells. */
import { execFile } from 'node:child_process'
import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInside } from '../mountpoint-rules.ts'

/** `memory` is emptied when the computer restarts; of an `unknown` one nothing speaks against it. */
export type DiskKind = 'local' | 'removable' | 'network' | 'memory' | 'unknown'

export type Mount = { mountpoint: string; type: string; source: string; isLocal: boolean }

const networkTypes =
  /^(nfs\d?|cifs|smb\d?|smbfs|afpfs|webdav|9p|afs|ceph|glusterfs|lustre|fuse|fuse\..*|macfuse|osxfuse|virtiofs|drvfs)$/
const memoryTypes = /^(tmpfs|ramfs|devtmpfs)$/

/** Lines of /proc/self/mountinfo. */
export function linuxMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ')
    const mountpoint = before.split(' ')[4]
    const [type, source] = after?.split(' ') ?? []
    if (mountpoint === undefined || type === undefined || source === undefined) return []
    return [{ mountpoint: unescaped(mountpoint), type, source: unescaped(source), isLocal: true }]
  })
}

/** Lines of `mount`: `/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)`. */
export function macMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const found = /^(.*?) on (.*) \(([^(]*)\)$/.exec(line)
    if (!found) return []
    const [, source = '', mountpoint = '', flags = ''] = found
    const [type = '', ...rest] = flags.split(', ')
    return [{ mountpoint, type, source, isLocal: rest.includes('local') }]
  })
}

/** The last mount of the longest matching folder hides those before it. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter(({ mountpoint }) => mountpoint === path || mountpoint === '/' || isInside(path, mountpoint))
    .reduce<Mount | undefined>(
      (best, mount) => (best === undefined || mount.mountpoint.length >= best.mountpoint.length ? mount : best),
      undefined,
    )
}

export function diskKind(mount: Mount | undefined, isRemovable: boolean): DiskKind {
  if (mount === undefined) return 'unknown'
  if (memoryTypes.test(mount.type)) return 'memory'
  if (networkTypes.test(mount.type) || !mount.isLocal) return 'network'
  return isRemovable ? 'removable' : 'local'
}

/** `path` must exist. */
export async function diskKindOf(path: string, platform: NodeJS.Platform): Promise<DiskKind> {
  try {
    const real = await realpath(path)
    if (platform === 'darwin') {
      const { stdout } = await promisify(execFile)('/sbin/mount', [])
      const mount = mountOf(real, macMounts(stdout))
      return diskKind(mount, mount?.mountpoint.startsWith('/Volumes/') === true)
    }
    const mount = mountOf(real, linuxMounts(await readFile('/proc/self/mountinfo', 'utf8')))
    return diskKind(mount, mount !== undefined && (await isRemovableSource(mount.source)))
  } catch {
    return 'unknown'
  }
}

/** A USB disk does not call itself removable, but its place in the system's tree of devices tells. */
async function isRemovableSource(source: string): Promise<boolean> {
  if (!source.startsWith('/dev/')) return false
  const { rdev } = await stat(source)
  const device = await realpath(`/sys/dev/block/${majorOf(rdev)}:${minorOf(rdev)}`)
  if (/\/usb\d+\//.test(device)) return true
  for (const place of [device, join(device, '..')]) {
    const flag = await readFile(join(place, 'removable'), 'utf8').catch(() => '')
    if (flag.trim() === '1') return true
  }
  return false
}

/** As glibc packs them. */
function majorOf(device: number): number {
  return Number(((BigInt(device) >> 8n) & 0xfffn) | ((BigInt(device) >> 32n) & 0xfffff000n))
}

function minorOf(device: number): number {
  return Number((BigInt(device) & 0xffn) | ((BigInt(device) >> 12n) & 0xffffff00n))
}

/** Spaces and the like are octal there. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
