/** Each defect of the stock addon: the same steps on the patched build give what they should, on the stock one they do not. */
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rmdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ensureNative, ensureStockNative, nativePaths } from './native.mjs'

const root = path.resolve(import.meta.dirname, '..')
const builds = { patched: nativePaths(root).packageFolder, stock: nativePaths(root).stock }

/** Bit n - 1 of a mask is signal n. */
const signalBits = { hangUp: 1n << 0n, terminate: 1n << 14n, child: 1n << 16n }

type Seen = {
  locals: number
  calls: unknown[][]
  files: string[]
  keptLengths: number[]
}

class Host {
  readonly folder: string
  readonly #child: ChildProcess
  readonly #lines: Interface
  /** The stock addon may crash on a probe, which is one way to fail it. */
  readonly gone: Promise<string>

  constructor(folder: string, child: ChildProcess & { stdout: NodeJS.ReadableStream }) {
    this.folder = folder
    this.#child = child
    this.#lines = createInterface({ input: child.stdout })
    this.gone = once(child, 'exit').then(() => 'crashed')
  }

  static async start(packageFolder: string): Promise<Host> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'addon-'))
    const script = path.join(root, 'build', 'testing', 'addon-host.mjs')
    const child = spawn(process.execPath, [script, folder, packageFolder], { stdio: ['pipe', 'pipe', 'ignore'] })
    const host = new Host(folder, child)
    await once(host.#lines, 'line')
    return host
  }

  async seen(): Promise<Seen> {
    const line = once(this.#lines, 'line')
    this.#child.stdin?.write('\n')
    return JSON.parse(String((await line)[0])) as Seen
  }

  /** The mask of each thread, as the kernel tells it. */
  async blockedSignals(): Promise<bigint[]> {
    const tasks = `/proc/${this.#child.pid}/task`
    const texts = await Promise.all(
      (await readdir(tasks)).map((task) => readFile(path.join(tasks, task, 'status'), 'utf8').catch(() => '')),
    )
    return texts.map((text) => BigInt(`0x${/^SigBlk:\s*([0-9a-f]+)$/m.exec(text)?.[1] ?? '0'}`))
  }

  async stop(): Promise<void> {
    const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null
    if (!isOver) {
      this.#child.kill('SIGKILL')
      await once(this.#child, 'exit')
    }
    await run('fusermount', ['-uz', this.folder])
    await rmdir(this.folder)
  }
}

function run(program: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, LC_ALL: 'C' }, timeout: 20_000 }, (_error, out, err) => {
      resolve(`${out}${err}`.trim())
    })
  })
}

const python = (script: string, host: Host) =>
  run('python3', ['-c', `import os,sys\nos.chdir(sys.argv[1])\n${script}`, host.folder])

type Probe = { defect: string; expected: unknown; probe: (host: Host) => Promise<unknown> }

const called = (seen: Seen, name: string) => seen.calls.filter(([called]) => called === name)

const probes: Probe[] = [
  {
    defect: 'the buffer of a read belongs to JavaScript and outlives the answer',
    expected: ['hello', true],
    probe: async (host) => {
      const text = await python('print(open("file").read())', host)
      const { keptLengths } = await host.seen()
      return [text, keptLengths.length > 0 && keptLengths.every((length) => length > 0)]
    },
  },
  {
    defect: 'utimens passes both times, with fractions',
    expected: [['utimens', 1000.5, 2000.25]],
    probe: async (host) => {
      await python('os.utime("file", ns=(1000500000, 2000250000))', host)
      return called(await host.seen(), 'utimens')
    },
  },
  {
    defect: 'a change of one time alone arrives, and "now" as such',
    expected: [['utimens', 'now', 'undefined']],
    probe: async (host) => {
      await run('touch', ['-a', path.join(host.folder, 'file')])
      return called(await host.seen(), 'utimens')
    },
  },
  {
    defect: 'times before 1970 and after 2106, their fractions, and inode numbers beyond 32 bits survive',
    expected: `${String(2 ** 40 + 7)} -86400000500000 8589934592`,
    probe: (host) => python('s=os.stat("old"); print(s.st_ino, s.st_mtime_ns, int(s.st_atime))', host),
  },
  {
    defect: 'a file system of more than 2^32 blocks shows its size',
    expected: String(2 ** 40),
    probe: (host) => python('print(os.statvfs(".").f_blocks)', host),
  },
  {
    defect: 'fgetattr asks by handle',
    expected: [['fgetattr', '/new', 8]],
    probe: async (host) => {
      await python('os.close(os.open("new", os.O_CREAT | os.O_WRONLY))', host)
      return called(await host.seen(), 'fgetattr')
    },
  },
  {
    defect: 'a file unlinked while open is still written, without a path',
    expected: ['5', [['write', null, 7, 'after']]],
    probe: async (host) => {
      const out = await python('f=os.open("file", os.O_RDWR); os.unlink("file"); print(os.write(f, b"after"))', host)
      return [out, called(await host.seen(), 'write')]
    },
  },
  {
    defect: 'what creates is told who asks, with the mode already masked',
    expected: [
      ['create', '/new', 0o100640, { uid: process.getuid?.(), gid: process.getgid?.(), pid: expect.any(Number) }],
      ['mkdir', '/dir', 0o750, { uid: process.getuid?.(), gid: process.getgid?.(), pid: expect.any(Number) }],
    ],
    probe: async (host) => {
      await python('os.umask(0o027); os.open("new", os.O_CREAT, 0o666); os.mkdir("dir")', host)
      const seen = await host.seen()
      return [...called(seen, 'create'), ...called(seen, 'mkdir')]
    },
  },
  {
    defect: 'a name that is no UTF-8 is refused, not renamed',
    expected: ['84 84 84', ['/file', '/old', '/late', '/rich', '/slow']],
    probe: async (host) => {
      const names = '[b"a\\xff", b"\\xed\\xa0\\x80", b"\\xc0\\xaf"]'
      const open = 'try: os.open(name, os.O_CREAT | os.O_WRONLY)\n  except OSError as e: codes.append(e.errno)'
      const out = await python(`codes=[]\nfor name in ${names}:\n  ${open}\nprint(*codes)`, host)
      return [out, (await host.seen()).files]
    },
  },
  {
    defect: 'a second answer does not become the answer to another request',
    expected: '0',
    probe: (host) => {
      const ask = 'os.stat("late")\n  wrong += os.path.exists("missing%d" % i)'
      return python(`wrong=0\nfor i in range(50):\n  ${ask}\nprint(wrong)`, host)
    },
  },
  {
    defect: 'the size of an attribute can be asked for',
    expected: '64 ERANGE',
    probe: (host) => {
      const lib = 'import ctypes,errno; c=ctypes.CDLL(None,use_errno=True); b=ctypes.create_string_buffer(8)'
      const size = 'n=c.getxattr(b"rich",b"user.v",None,0)'
      const small = 'c.getxattr(b"rich",b"user.v",b,8)'
      return python(`${lib}\n${size}\n${small}\nprint(n, errno.errorcode.get(ctypes.get_errno()))`, host)
    },
  },
  {
    defect: 'what a thread took serves the next one',
    expected: true,
    probe: async (host) => {
      const pool = 'from concurrent.futures import ThreadPoolExecutor\npool=ThreadPoolExecutor(40)'
      const burst = 'f=os.open("slow", os.O_RDONLY)\nfor r in range(12): list(pool.map(os.fstat, [f] * 40))'
      await python(`${pool}\n${burst}`, host)
      const { locals } = await host.seen()
      return locals >= 30 && locals <= 80
    },
  },
  {
    // Cancelled inside libuv's signal handler, such a thread leaves the event loop stuck for ever.
    defect: 'a thread of the mount takes no signals',
    expected: { threads: true, open: 0 },
    probe: async (host) => {
      await python('os.stat("late")', host)
      const masks = await host.blockedSignals()
      const ofMount = masks.filter((mask) => (mask & signalBits.hangUp) !== 0n && (mask & signalBits.terminate) !== 0n)
      const open = ofMount.filter((mask) => (mask & signalBits.child) === 0n).length
      return { threads: ofMount.length > 0, open }
    },
  },
]

describe('the patch of the FUSE addon', () => {
  let host: Host

  beforeAll(async () => {
    await ensureNative(root, () => undefined)
    await ensureStockNative(root)
  })

  afterEach(async () => {
    await host.stop()
  })

  test.each(probes)('patched: $defect', async ({ probe, expected }) => {
    host = await Host.start(builds.patched)
    expect(await probe(host)).toEqual(expected)
  })

  test.each(probes)('stock lacks: $defect', async ({ probe, expected }) => {
    host = await Host.start(builds.stock)
    const outcome = await Promise.race([probe(host), host.gone])
    expect(outcome).not.toEqual(expected)
  })
})
