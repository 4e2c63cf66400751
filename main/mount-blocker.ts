/** Whether this machine can mount anything at all, found by looking, so that the window can say so before the first try. */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Problem } from '../contracts/problem.ts'

export function mountBlocker(options: {
  platform: NodeJS.Platform
  searchPath: string
  exists?: (path: string) => boolean
  isWritable?: (path: string) => boolean
}): Problem | undefined {
  const { platform, exists = existsSync, isWritable = canWrite } = options
  if (platform === 'darwin') return exists('/Library/Filesystems/macfuse.fs') ? undefined : macFuseMissing
  if (platform === 'win32') return windowsUnsupported
  const hasHelper = [...options.searchPath.split(delimiter), '/usr/bin', '/bin'].some((folder) =>
    exists(join(folder, 'fusermount')),
  )
  if (!hasHelper) return fuseMissing
  if (!exists('/dev/fuse')) return deviceMissing
  return isWritable('/dev/fuse') ? undefined : notPermitted
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

const fuseMissing: Problem = {
  code: 'fuse-missing',
  message: 'FUSE is not installed, so drives cannot be mounted.',
  remedy: 'Install the package fuse (on Debian and Ubuntu: sudo apt install fuse), then start CloudMount again.',
}

const deviceMissing: Problem = {
  code: 'fuse-missing',
  message: 'The kernel offers no FUSE device (/dev/fuse), so drives cannot be mounted.',
  remedy: 'Load the module (sudo modprobe fuse); in a container, pass the device /dev/fuse to it.',
}

const notPermitted: Problem = {
  code: 'fuse-not-permitted',
  message: 'You may not use the FUSE device (/dev/fuse), so drives cannot be mounted.',
  remedy: 'Ask the administrator for access to /dev/fuse, on some systems by the group fuse.',
}

const macFuseMissing: Problem = {
  code: 'fuse-missing',
  message: 'macFUSE is not installed, so drives cannot be mounted.',
  remedy: 'Install macFUSE from macfuse.github.io, allow it in System Settings, and start CloudMount again.',
}

const windowsUnsupported: Problem = {
  code: 'fuse-missing',
  message: 'Drives cannot be mounted on Windows yet.',
  remedy: 'Use Linux or macOS for now.',
}
