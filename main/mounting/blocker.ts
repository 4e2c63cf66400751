/** Whether this computer can mount drives, and what would change that: decided from facts alone, in words for the person. */
import type { MissingPart, MountBlocker, MountFix } from '../../contracts/mounting.ts'
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Machine, PackageTool } from './machine.ts'

/** A program and its arguments, as they are started: no shell takes part. */
export type FixCommand = { program: string; args: readonly string[] }

/** Undefined when drives can be mounted. */
export function mountBlocker(machine: Machine): MountBlocker | undefined {
  const missing = missingParts(machine)
  const [first] = missing
  if (first === undefined) return undefined
  return { problem: problemOf(first, missing), missing, fix: fixOf(machine, missing) }
}

/** What “run” in the fix starts; undefined where nothing can be run. */
export function fixCommand(machine: Machine): FixCommand | undefined {
  const steps = stepsOf(machine, missingParts(machine))
  const { pkexec } = machine.tools
  if (steps?.path === undefined || pkexec === undefined) return undefined
  // Without this it would ask for the password on the terminal the application was started from.
  return { program: pkexec, args: ['--disable-internal-agent', steps.path, ...steps.args] }
}

function missingParts({ platform, ...machine }: Machine): MissingPart[] {
  if (platform === 'darwin') return machine.hasMacFuse ? [] : ['macfuse']
  if (platform === 'win32') return ['windows']
  return [
    ...(machine.hasHelper ? [] : (['helper'] as const)),
    ...(machine.hasLibrary ? [] : (['library'] as const)),
    ...(machine.device === 'absent' ? (['device'] as const) : []),
    ...(machine.device === 'forbidden' ? (['permission'] as const) : []),
  ]
}

type Steps = { does: 'install' | 'load'; name: string; path: string | undefined; args: readonly string[] }

/** Packages first: on most systems they bring the device with them. */
function stepsOf(machine: Machine, missing: readonly MissingPart[]): Steps | undefined {
  const { tools, isContainer } = machine
  if (missing.includes('helper') || missing.includes('library')) {
    const tool = packageTool(machine)
    if (tool === undefined) return undefined
    return { does: 'install', name: tool, path: tools[tool], args: installArguments(tool, missing) }
  }
  // A container has the devices and modules of its host.
  if (missing.includes('device') && !isContainer)
    return { does: 'load', name: 'modprobe', path: tools.modprobe, args: ['fuse'] }
  return undefined
}

const toolsOfFamily: readonly [family: string, tool: PackageTool][] = [
  ['debian', 'apt-get'],
  ['ubuntu', 'apt-get'],
  ['fedora', 'dnf'],
  ['rhel', 'dnf'],
  ['suse', 'zypper'],
  ['opensuse', 'zypper'],
  ['arch', 'pacman'],
]

/** Only of a system we know the packages of, and only when it is there. */
function packageTool({ families, tools }: Machine): PackageTool | undefined {
  return families
    .map((family) => toolsOfFamily.find(([known]) => known === family)?.[1])
    .find((tool) => tool !== undefined && tools[tool] !== undefined)
}

/**
 * `fuse3` and not `fuse` on Debian and Ubuntu: both bring `fusermount`, and the older one would remove the newer, with the parts of
 * the desktop that need it. `libfuse2` is also the name by which newer releases know `libfuse2t64`.
 */
function installArguments(tool: PackageTool, missing: readonly MissingPart[]): string[] {
  const needs = (part: MissingPart, name: string) => (missing.includes(part) ? [name] : [])
  switch (tool) {
    case 'apt-get':
      return ['install', '--yes', ...needs('helper', 'fuse3'), ...needs('library', 'libfuse2')]
    case 'dnf':
      return ['install', '--assumeyes', ...needs('helper', 'fuse'), ...needs('library', 'fuse-libs')]
    case 'zypper':
      return ['--non-interactive', 'install', ...needs('helper', 'fuse'), ...needs('library', 'libfuse2')]
    case 'pacman':
      return ['--sync', '--needed', '--noconfirm', 'fuse2']
  }
}

function fixOf(machine: Machine, missing: readonly MissingPart[]): MountFix {
  if (missing.includes('macfuse')) return { kind: 'page', link: 'macfuse' }
  const steps = stepsOf(machine, missing)
  if (steps) {
    const byHand = ['sudo', steps.name, ...steps.args].join(' ')
    const command = fixCommand(machine)
    if (command === undefined) return { kind: 'by-hand', does: steps.does, command: byHand }
    return { kind: 'run', does: steps.does, command: [command.program, ...command.args].join(' '), byHand }
  }
  if (missing.includes('permission')) return { kind: 'by-hand', does: 'permit', command: 'sudo chmod a+rw /dev/fuse' }
  return { kind: 'none' }
}

function problemOf(part: MissingPart, missing: readonly MissingPart[]): Problem {
  switch (part) {
    case 'helper':
    case 'library': {
      const lacks = missing.includes('helper') ? (missing.includes('library') ? 'both' : 'helper') : 'library'
      return {
        code: 'fuse-missing',
        message: t('main.fuse-incomplete', { lacks }),
        remedy: t('main.fuse-incomplete.remedy'),
      }
    }
    case 'device':
      return {
        code: 'fuse-missing',
        message: t('main.fuse-no-device'),
        remedy: t('main.fuse-no-device.remedy'),
      }
    case 'permission':
      return {
        code: 'fuse-not-permitted',
        message: t('main.fuse-forbidden'),
        remedy: t('main.fuse-forbidden.remedy'),
      }
    case 'macfuse':
      return {
        code: 'fuse-missing',
        message: t('main.macfuse-missing'),
        remedy: t('main.macfuse-missing.remedy'),
      }
    case 'windows':
      return {
        code: 'fuse-missing',
        message: t('main.windows'),
        remedy: t('main.windows.remedy'),
      }
  }
}
