import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ProblemError } from '../../contracts/problem.ts'
import { mountKernel } from './binding.ts'
import { detach } from './detach.ts'
import type { KernelMount } from './kernel.ts'
import { clearStaleMount, inspectMountpoint } from './mountpoint.ts'
import { MemoryOperations } from './testing/memory-operations.ts'

const host = path.resolve(import.meta.dirname, '../../build/testing/addon-host.mjs')
const addon = path.resolve(import.meta.dirname, '../../node_modules/@cocalc/fuse-native')

let folder: string
let mounts: KernelMount[]

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stale-'))
  mounts = []
})

afterEach(async () => {
  for (const mount of mounts) await mount.unmount({ isForced: true })
  await detach(folder, true)
  await rm(folder, { recursive: true })
})

async function mountAt(mountpoint: string): Promise<KernelMount> {
  const mount = await mountKernel({
    mountpoint,
    operations: new MemoryOperations(),
    sourceName: 'cloudmount:bucket',
    volumeName: 'test',
    isReadOnly: false,
    allowOther: false,
    onDetached: () => undefined,
    onUnexpectedError: () => undefined,
  })
  mounts.push(mount)
  return mount
}

/** A mount whose program is killed, as a crash leaves it. */
async function leaveDeadMount(): Promise<void> {
  const child = spawn(process.execPath, [host, folder, addon], { stdio: ['pipe', 'pipe', 'ignore'] })
  await once(createInterface({ input: child.stdout }), 'line')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'mounted',
    (error: unknown) => (error instanceof ProblemError ? error.problem.code : String(error)),
  )

test('a dead mount is recognised, cleared and mounted over', async () => {
  await leaveDeadMount()
  expect((await inspectMountpoint(folder)).target).toEqual({ kind: 'stale' })
  expect(await clearStaleMount(folder)).toBe(true)
  expect(await clearStaleMount(folder)).toBe(false)
  await leaveDeadMount()
  await mountAt(folder)
})

test('a living mount is never cleared, and a second one on it is refused', async () => {
  const host = spawn(process.execPath, [
    path.resolve(import.meta.dirname, '../../build/testing/addon-host.mjs'),
    folder,
    addon,
  ])
  await once(createInterface({ input: host.stdout }), 'line')
  try {
    expect(await clearStaleMount(folder)).toBe(false)
    expect(await codeOf(mountAt(folder))).toBe('mountpoint-busy')
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('hello')
  } finally {
    host.kill('SIGKILL')
    await once(host, 'exit')
  }
})

test('a mount is refused with its own problem: missing, a file, not empty, inside another drive', async () => {
  await writeFile(path.join(folder, 'file'), '')
  await mkdir(path.join(folder, 'drive'))
  expect(await codeOf(mountAt(path.join(folder, 'absent')))).toBe('mountpoint-missing')
  expect(await codeOf(mountAt(path.join(folder, 'file')))).toBe('mountpoint-not-directory')
  expect(await codeOf(mountAt(folder))).toBe('mountpoint-not-empty')
  await mountAt(path.join(folder, 'drive'))
  expect(await codeOf(mountAt(path.join(folder, 'drive', 'inner')))).toBe('mountpoint-inside-drive')
})
