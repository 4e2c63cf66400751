/**
 * What is mounted where, read without touching any mounted file system: a look into a dead or hanging one would hang us too.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export type MountEntry = {
  mountpoint: string
  /** As the system names it, e.g. `ext4` or `fuse.cloudmount`. */
  type: string
  source: string
}

/** The subtype every drive is mounted with: how one drive recognises another. */
export const driveSubtype = 'cloudmount'

export async function readMountTable(platform: NodeJS.Platform = process.platform): Promise<MountEntry[]> {
  if (platform === 'darwin') return parseMountOutput((await promisify(execFile)('/sbin/mount')).stdout)
  return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'))
}

/** Linux `/proc/self/mountinfo`: optional fields end at a lone dash; odd characters are octal escapes. */
export function parseMountInfo(text: string): MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [left, right] = splitOnce(line, ' - ')
    const mountpoint = left.split(' ')[4]
    const [type, source] = right.split(' ')
    if (mountpoint === undefined || type === undefined || type === '') return []
    return [{ mountpoint: unescapeOctal(mountpoint), type, source: unescapeOctal(source ?? '') }]
  })
}

/** macOS `mount`: `source on /path (type, option, …)`. */
export function parseMountOutput(text: string): MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(.*?) on (\/.*) \(([^,)]+)[^)]*\)$/.exec(line)
    const [, source, mountpoint, type] = match ?? []
    return mountpoint === undefined ? [] : [{ mountpoint, type: type ?? '', source: source ?? '' }]
  })
}

/** Whatever is mounted on exactly this path; of several, the uppermost. */
export function mountOn(table: readonly MountEntry[], path: string): MountEntry | undefined {
  return table.findLast((entry) => entry.mountpoint === path)
}

export function mountsBelow(table: readonly MountEntry[], path: string): MountEntry[] {
  return table.filter((entry) => isInside(entry.mountpoint, path))
}

/** The drive of ours that a path lies in, itself excluded. */
export function driveAround(table: readonly MountEntry[], path: string): MountEntry | undefined {
  return table.find((entry) => isDrive(entry) && isInside(path, entry.mountpoint))
}

export function isDrive(entry: MountEntry): boolean {
  return entry.type === `fuse.${driveSubtype}` || (isFuse(entry) && entry.source.startsWith(`${driveSubtype}:`))
}

export function isFuse(entry: MountEntry): boolean {
  return /^(fuse|macfuse|osxfuse|fuse-t)/.test(entry.type)
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`) && path !== folder
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** Bytes, not characters: the name of a folder may be several of them. */
function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text
  const latin = Buffer.from(text, 'utf8').toString('latin1')
  const bytes = latin.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
