import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rmdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProblemError } from '../../contracts/problem.ts'
import { mountKernel } from './binding.ts'
import { detach } from './detach.ts'
import { FsError } from './kernel.ts'
import type { KernelMount } from './kernel.ts'
import { MemoryOperations } from './testing/memory-operations.ts'

/** Another process: this one serves the mount and must not touch it. */
function shell(script: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', script, 'sh', ...args], { env: { ...process.env, LC_ALL: 'C' } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

function python(script: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return shell('exec python3 -c "$@"', script, ...args)
}

let folder: string
let operations: MemoryOperations
let mount: KernelMount
let detached: number
let unexpected: string[]

const mountIt = (options: { isReadOnly?: boolean; sourceName?: string } = {}) =>
  mountKernel({
    mountpoint: folder,
    operations,
    sourceName: options.sourceName ?? 'cloudmount:bucket/a,b\\c',
    volumeName: 'test',
    isReadOnly: options.isReadOnly ?? false,
    allowOther: false,
    onDetached: () => (detached += 1),
    onUnexpectedError: (error, operation, at) => unexpected.push(`${operation} ${at ?? '-'} ${String(error)}`),
  })

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'binding-'))
  operations = new MemoryOperations()
  detached = 0
  unexpected = []
})

afterEach(async () => {
  await mount.unmount({ isForced: true })
  await rmdir(folder)
})

describe('a mount', () => {
  beforeEach(async () => {
    mount = await mountIt()
  })

  test('carries bytes both ways', async () => {
    operations.add('/in', 'from the file system')
    const { out } = await shell('cat "$1/in"; printf "%s" "from a program" > "$1/out"', folder)
    expect(out).toBe('from the file system')
    expect(operations.fileAt('/out').content.toString()).toBe('from a program')
  })

  test('takes writes in pieces of more than a page', async () => {
    const sizes: number[] = []
    const write = operations.write.bind(operations)
    operations.write = (handle, buffer, offset) => (sizes.push(buffer.length), write(handle, buffer, offset))
    await shell('dd if=/dev/zero of="$1/big" bs=1M count=1 status=none', folder)
    expect(Math.max(...sizes)).toBe(131_072)
  })

  test('answers from a promise too', async () => {
    operations.add('/slow', 'later')
    const read = operations.read.bind(operations)
    operations.read = async (...args) => {
      await new Promise((resolve) => setImmediate(resolve))
      return read(...args)
    }
    expect((await shell('cat "$1/slow"', folder)).out).toBe('later')
  })

  test('shows its source and type to mount and df, commas and backslashes included', async () => {
    const { out } = await python(
      'import sys\nfor l in open("/proc/self/mountinfo"):\n  if l.split()[4] == sys.argv[1]: print(l.split(" - ")[1])',
      folder,
    )
    expect(out).toContain('fuse.cloudmount cloudmount:bucket/a,b\\134c ')
    const space = await python(
      'import os,sys\ns=os.statvfs(sys.argv[1]); print(s.f_frsize, s.f_blocks, s.f_bavail)',
      folder,
    )
    expect(space.out.trim()).toBe(`4096 ${String(2 ** 40)} ${String(2 ** 39)}`)
  })

  test('reports an unexpected error once and answers EIO', async () => {
    operations.add('/bad', 'x')
    operations.open = () => {
      throw new TypeError('bug')
    }
    const { err } = await shell('cat "$1/bad"', folder)
    expect(err).toContain('Input/output error')
    expect(unexpected).toEqual(['open /bad TypeError: bug'])
  })

  test('passes on the errno of an FsError, thrown or rejected', async () => {
    operations.unlink = () => {
      throw new FsError('EDQUOT')
    }
    operations.rmdir = () => Promise.reject(new FsError('ENETDOWN'))
    operations.add('/file', 'x')
    await shell('mkdir "$1/dir"', folder)
    expect((await shell('rm "$1/file"', folder)).err).toContain('Disk quota exceeded')
    expect((await shell('rmdir "$1/dir"', folder)).err).toContain('Network is down')
    expect(unexpected).toEqual([])
  })

  test('is busy while a program is in it, and says which', async () => {
    operations.add('/held', 'x')
    const holder = spawn('sh', ['-c', 'exec 3<"$1/held"; echo ready; exec sleep 60', 'sh', folder])
    try {
      await once(holder.stdout, 'data')
      const error = await mount.unmount({ isForced: false }).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(ProblemError)
      const { problem } = error as ProblemError
      expect(problem.code).toBe('drive-busy')
      expect(problem.message).toContain(`(${String(holder.pid)})`)
      expect((await shell('cat "$1/held"', folder)).out).toBe('x')
    } finally {
      holder.kill()
      await once(holder, 'exit')
    }
    await mount.unmount({ isForced: false })
    expect(detached).toBe(0)
  })

  test('forced, lets go while a program still has a file open', async () => {
    operations.add('/held', 'x')
    const holder = spawn('sh', ['-c', 'exec 3<"$1/held"; echo ready; exec sleep 60', 'sh', folder])
    try {
      await once(holder.stdout, 'data')
      await mount.unmount({ isForced: true })
      expect((await shell('ls -A "$1"', folder)).out).toBe('')
    } finally {
      holder.kill()
      await once(holder, 'exit')
    }
  })

  test('tells when another program took it away', async () => {
    expect((await detach(folder, false)).kind).toBe('detached')
    await expect.poll(() => detached).toBe(1)
    await mount.unmount({ isForced: false })
    expect(detached).toBe(1)
  })

  test('has released every handle when unmount resolves', async () => {
    await shell('for i in 1 2 3 4 5; do echo $i > "$1/f$i"; done', folder)
    await mount.unmount({ isForced: false })
    expect(operations.handles.size).toBe(0)
  })

  test('can be mounted again in the same process', async () => {
    await mount.unmount({ isForced: false })
    operations.add('/again', 'second life')
    mount = await mountIt()
    expect((await shell('cat "$1/again"', folder)).out).toBe('second life')
  })
})

test('a read-only mount refuses writes with EROFS', async () => {
  mount = await mountIt({ isReadOnly: true })
  expect((await shell('echo x > "$1/new"', folder)).err).toContain('Read-only file system')
})
