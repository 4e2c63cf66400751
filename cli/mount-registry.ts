/**
 * Which drives this user has mounted from the command line: one small file a drive, beside the socket of the process that holds it. A
 * file whose process is gone is a leftover of a crash and says so until the drive is mounted or unmounted again.
 */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const entrySchema = z.object({
  mountpoint: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  pid: z.number().int(),
  socket: z.string(),
  cacheDirectory: z.string(),
})
export type MountEntry = z.infer<typeof entrySchema>

export function registryDirectory(): string {
  const base = process.env['XDG_RUNTIME_DIR'] ?? join(tmpdir(), `cloudmount-${process.getuid?.() ?? 0}`)
  const directory = join(base, 'cloudmount')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  return directory
}

export function socketPathFor(mountpoint: string): string {
  return join(registryDirectory(), `${nameOf(mountpoint)}.sock`)
}

/** What the process behind the mount has to say; it has no terminal. */
export function logPathFor(mountpoint: string): string {
  return join(registryDirectory(), `${nameOf(mountpoint)}.log`)
}

export function register(entry: MountEntry): void {
  writeFileSync(join(registryDirectory(), `${nameOf(entry.mountpoint)}.json`), JSON.stringify(entry), { mode: 0o600 })
}

export function unregister(mountpoint: string): void {
  rmSync(join(registryDirectory(), `${nameOf(mountpoint)}.json`), { force: true })
  rmSync(socketPathFor(mountpoint), { force: true })
}

export function entries(): MountEntry[] {
  const directory = registryDirectory()
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      try {
        const parsed = entrySchema.safeParse(JSON.parse(readFileSync(join(directory, name), 'utf8')))
        return parsed.success ? [parsed.data] : []
      } catch {
        return []
      }
    })
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function nameOf(mountpoint: string): string {
  return createHash('sha256').update(mountpoint).digest('hex').slice(0, 24)
}
