/**
 * The same random calls on the drive and on a folder of this machine's own file system: every answer, errno and listing must be the
 * same. LOCKSTEP_SEED and LOCKSTEP_STEPS choose; a failure names the seed and the calls that led to it.
 */
import { describe, expect, test } from 'vitest'
import type { FsUnderTest, OpenFile, OpenFlags } from '../fs-under-test.ts'
import { scratchDirectory } from '../local-drive.ts'
import { callsOn, type Calls } from '../mounted-fs.ts'
import { Random } from '../random.ts'

const { LOCKSTEP_SEED = '1', LOCKSTEP_STEPS = '3000' } = process.env
const place = '/lockstep'
const names = ['a', 'b', 'c', 'd', 'é.txt'] as const
const allFlags = ['r', 'r+', 'w', 'w+', 'wx', 'a', 'a+'] as const
const mostHandles = 12

type Pair = { drive: OpenFile; local: OpenFile; flags: OpenFlags; name: string }

class Lockstep {
  readonly #drive: FsUnderTest
  readonly #local: Calls
  readonly #random: Random
  readonly #open: Pair[] = []
  readonly trace: string[] = []

  constructor(drive: FsUnderTest, local: Calls, random: Random) {
    this.#drive = drive
    this.#local = local
    this.#random = random
  }

  async step(): Promise<unknown> {
    const choice = this.#random.weighted({
      open: 20,
      onHandle: 45,
      close: 14,
      names: 20,
      look: 12,
      upload: 1,
      restart: 0.4,
    })
    switch (choice) {
      case 'open':
        return this.#openOne()
      case 'onHandle':
        return this.#useHandle()
      case 'close':
        return this.#close(this.#random.maybePick(this.#open))
      case 'names':
        return this.#changeNames()
      case 'look':
        return this.#look(this.#path())
      case 'upload':
        this.trace.push('upload')
        expect(await this.#drive.upload()).toBe(0)
        return
      case 'restart':
        for (const pair of [...this.#open]) await this.#close(pair)
        this.trace.push('restart')
        return this.#drive.restart()
    }
  }

  async finish(): Promise<void> {
    for (const pair of [...this.#open]) await this.#close(pair)
    await this.#lookAtAll()
    expect(await this.#drive.upload()).toBe(0)
    await this.#drive.restart()
    await this.#lookAtAll()
  }

  async #both<T>(
    what: string,
    call: (calls: Calls, root: string) => Promise<T>,
    seen: (answer: T) => unknown,
  ): Promise<[T, T] | undefined> {
    this.trace.push(what)
    const [drive, local] = [await outcomeOf(call(this.#drive, place)), await outcomeOf(call(this.#local, ''))]
    const shown = (outcome: typeof drive): unknown => ('code' in outcome ? outcome.code : seen(outcome.value))
    expect(shown(drive), what).toEqual(shown(local))
    return 'value' in drive && 'value' in local ? [drive.value, local.value] : undefined
  }

  async #openOne(): Promise<void> {
    if (this.#open.length >= mostHandles) return this.#close(this.#open[0])
    const [path, flags] = [this.#path(), this.#random.pick(allFlags)]
    if (await this.#isLink(path)) return
    // Opening a folder to read it is opendir, which asks nobody.
    if (flags === 'r' && (await this.#isFolder(path))) return
    const opened = await this.#both(
      `open ${path} ${flags}`,
      (calls, root) => calls.open(root + path, flags),
      () => 'opened',
    )
    if (opened !== undefined) this.#open.push({ drive: opened[0], local: opened[1], flags, name: path })
  }

  async #useHandle(): Promise<void> {
    const pair = this.#random.maybePick(this.#open)
    if (pair === undefined) return
    const { flags, name } = pair
    const [offset, length] = [
      this.#random.below(30_000),
      1 + this.#random.below(this.#random.chance(0.1) ? 40_000 : 600),
    ]
    const [canRead, canWrite] = [flags === 'r' || flags.endsWith('+'), flags !== 'r']
    const dice = this.#random.next()
    if (canWrite && dice < 0.55) {
      const bytes = this.#random.bytes(length)
      await this.#onBoth(`write ${name} ${offset}+${length}`, pair, (file) => file.write(bytes, offset))
    } else if (canRead && dice < 0.85) {
      await this.#onBoth(`read ${name} ${offset}+${length}`, pair, async (file) =>
        (await file.read(length, offset)).toString('latin1'),
      )
    } else if (canWrite && dice < 0.95)
      await this.#onBoth(`ftruncate ${name} ${offset}`, pair, (file) => file.truncate(offset))
    else await this.#onBoth(`sync ${name}`, pair, (file) => file.sync())
    await this.#onBoth(`size of the open ${name}`, pair, async (file) => (await file.stat()).size)
  }

  async #onBoth<T>(what: string, pair: Pair, call: (file: OpenFile) => Promise<T>): Promise<void> {
    this.trace.push(what)
    expect(await call(pair.drive), what).toEqual(await call(pair.local))
  }

  async #close(pair: Pair | undefined): Promise<void> {
    if (pair === undefined) return
    this.#open.splice(this.#open.indexOf(pair), 1)
    await this.#onBoth(`close ${pair.name}`, pair, (file) => file.close())
  }

  async #changeNames(): Promise<unknown> {
    const [path, other] = [this.#path(), this.#path()]
    const same = (): string => 'done'
    switch (this.#random.weighted({ mkdir: 5, rmdir: 3, unlink: 4, rename: 8, symlink: 1, chmod: 2, truncate: 2 })) {
      case 'mkdir':
        return this.#both(`mkdir ${path}`, (calls, root) => calls.mkdir(root + path), same)
      case 'rmdir':
        return this.#both(`rmdir ${path}`, (calls, root) => calls.rmdir(root + path), same)
      case 'unlink':
        return this.#both(`unlink ${path}`, (calls, root) => calls.unlink(root + path), same)
      case 'rename':
        // Which of two wrong parents is named is the kernel's business: it looks both up before it asks.
        if (!(await this.#hasParent(path)) || !(await this.#hasParent(other))) return
        // So is what is wrong with a file onto the folder that holds it.
        if (path.startsWith(`${other}/`)) return
        // A link keeps the name of one, which is never gone through.
        if ((await this.#isLink(path)) && !other.endsWith('-link')) return
        return this.#both(`rename ${path} ${other}`, (calls, root) => calls.rename(root + path, root + other), same)
      case 'symlink':
        return this.#both(
          `symlink ${path}-link`,
          (calls, root) => calls.symlink('nowhere', `${root}${path}-link`),
          same,
        )
      case 'chmod':
        if (await this.#isLink(path)) return
        return this.#both(`chmod ${path}`, (calls, root) => calls.chmod(root + path, 0o751), same)
      case 'truncate':
        if (await this.#isLink(path)) return
        return this.#both(`truncate ${path}`, (calls, root) => calls.truncate(root + path, 1_000), same)
    }
  }

  async #look(path: string): Promise<void> {
    const stats = await this.#both(
      `stat ${path}`,
      (calls, root) => calls.stat(root + path),
      ({ kind, mode, size }) =>
        // The size of a folder is each file system's own affair, and a link's mode nobody's.
        ({ kind, mode: kind === 'symlink' ? 0 : mode, size: kind === 'directory' ? 0 : size }),
    )
    const kind = stats?.[1].kind
    if (kind === 'directory')
      await this.#both(
        `readdir ${path}`,
        (calls, root) => calls.readdir(root + path),
        (entries) => entries,
      )
    else if (kind === 'symlink')
      await this.#both(
        `readlink ${path}`,
        (calls, root) => calls.readlink(root + path),
        (target) => target,
      )
    else if (kind === 'file')
      await this.#both(
        `content of ${path}`,
        (calls, root) => contentOf(calls, root + path),
        (text) => text,
      )
  }

  async #lookAtAll(): Promise<void> {
    await this.#both(
      'readdir',
      (calls, root) => calls.readdir(root === '' ? '/' : root),
      (entries) => entries,
    )
    for (const name of await this.#local.readdir('/')) await this.#lookBelow(`/${name}`)
  }

  async #lookBelow(path: string): Promise<void> {
    await this.#look(path)
    const { kind } = await this.#local.stat(path)
    if (kind !== 'directory') return
    for (const name of await this.#local.readdir(path)) await this.#lookBelow(`${path}/${name}`)
  }

  #path(): string {
    const depth = 1 + this.#random.below(3)
    const path = Array.from({ length: depth }, () => `/${this.#random.pick(names)}`).join('')
    // Links only at the end: on the way the kernel follows them, and in process nobody does.
    return this.#random.chance(0.05) ? `${path}-link` : path
  }

  #hasParent(path: string): Promise<boolean> {
    return this.#isFolder(path.slice(0, path.lastIndexOf('/')))
  }

  async #isFolder(path: string): Promise<boolean> {
    const stat = await outcomeOf(this.#local.stat(path))
    return 'value' in stat && stat.value.kind === 'directory'
  }

  /** The kernel follows links, which in process nobody does. */
  async #isLink(path: string): Promise<boolean> {
    const stat = await outcomeOf(this.#local.stat(path))
    return 'value' in stat && stat.value.kind === 'symlink'
  }
}

async function contentOf(calls: Calls, path: string): Promise<string> {
  const file = await calls.open(path, 'r')
  try {
    return (await file.read(100_000, 0)).toString('latin1')
  } finally {
    await file.close()
  }
}

async function outcomeOf<T>(promise: Promise<T>): Promise<{ value: T } | { code: string }> {
  try {
    return { value: await promise }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return { code }
  }
}

export function lockstepSuite(on: () => FsUnderTest): void {
  describe('beside a local folder', () => {
    test(`${LOCKSTEP_STEPS} calls have the same answers, LOCKSTEP_SEED=${LOCKSTEP_SEED}`, async () => {
      const scratch = scratchDirectory()
      await on().mkdir(place)
      const run = new Lockstep(
        on(),
        callsOn((path) => scratch.path + path),
        new Random(Number(LOCKSTEP_SEED)),
      )
      try {
        for (let count = 0; count < Number(LOCKSTEP_STEPS); count++) await run.step()
        await run.finish()
      } catch (error) {
        throw new Error(`LOCKSTEP_SEED=${LOCKSTEP_SEED}:\n${run.trace.slice(-25).join('\n')}`, { cause: error })
      } finally {
        scratch.remove()
      }
    }, 180_000)
  })
}
