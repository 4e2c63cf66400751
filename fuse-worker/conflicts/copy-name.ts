/**
 * Names for a version that is put beside another one: `report (conflicted copy, HOST, 2026-11-21 14.32).odt`. Pure but for the time
 * zone of this computer. A name that was made here before is not added to: its part between the brackets is replaced.
 */
import { maxNameBytes, segmentFromName, type NamePlatform } from '../s3/names.ts'

export type CopyNameOptions = {
  name: string
  atMs: number
  platform: NamePlatform
  isTaken: (name: string) => boolean
  /** Where the key of the folder leaves less than a name may have. */
  maxBytes?: number
}

const longestHostLetters = 40
const earlier = / \((?:conflicted copy|recovered), [^()]*\)(?: \d+)?/g
/** Names of keys that no path can hold are shown with these; beside another name they mean nothing. */
const escapes = /\u27E6[^\u27E6\u27E7]*\u27E7/g

export function conflictedCopyName({ host, ...options }: CopyNameOptions & { host: string }): string {
  return uniqueName(options, `conflicted copy, ${hostInName(host)}, ${minuteOf(options.atMs)}`)
}

export function recoveredName(options: CopyNameOptions): string {
  return uniqueName(options, `recovered, ${minuteOf(options.atMs)}`)
}

function uniqueName({ name, platform, isTaken, maxBytes = maxNameBytes }: CopyNameOptions, words: string): string {
  const [stem, extension] = partsOf(name.replaceAll(earlier, ''))
  for (let count = 1; ; count++) {
    const tail = ` (${words})${count === 1 ? '' : ` ${count}`}`
    const candidates = [stem, stem.replaceAll(escapes, '')].flatMap((own) => [
      fitted(own, tail + extension, maxBytes),
      fitted(own, tail + extension.replaceAll(escapes, ''), maxBytes),
    ])
    const found = candidates.find((candidate) => segmentFromName(candidate, platform).ok)
    if (found === undefined) return fitted('file', tail, maxBytes)
    if (!isTaken(found)) return found
  }
}

/** What is behind the last dot, if that is short; with the `.tar` of an archive. A name that only begins with a dot has none. */
function partsOf(name: string): [stem: string, extension: string] {
  const extension = /(?<=[^.])(?:\.tar)?\.[^.\s]{1,16}$/u.exec(name)?.[0] ?? ''
  return [name.slice(0, name.length - extension.length), extension]
}

function fitted(stem: string, tail: string, maxBytes: number): string {
  const characters = Array.from(stem)
  while (characters.length > 0 && Buffer.byteLength(characters.join('') + tail) > maxBytes) characters.pop()
  return (characters.join('') || '_') + tail
}

function hostInName(host: string): string {
  const first = host.normalize('NFC').split('.')[0] ?? ''
  const plain = first.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-').replaceAll(/^-+|-+$/g, '')
  return Array.from(plain).slice(0, longestHostLetters).join('') || 'this computer'
}

/** In the time zone of this computer, with letters that every system allows in a name. */
function minuteOf(atMs: number): string {
  const at = new Date(atMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}.${two(at.getMinutes())}`
}
