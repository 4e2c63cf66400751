/** Real programs on a real mount; each is tried where it is installed. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test, type TestContext } from 'vitest'
import { patternBytes, type FsUnderTest } from '../fs-under-test.ts'

const execute = promisify(execFile)

/** Its standard output; the test is skipped where the program is not installed. */
async function run(context: TestContext, program: string, args: string[], cwd?: string): Promise<string> {
  try {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
    return (await execute(program, args, { cwd, env, timeout: 50_000 })).stdout
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') context.skip(`${program} is not installed`)
    throw error
  }
}

export function programsSuite(on: () => FsUnderTest): void {
  const place = (context: TestContext): string => on().mountpoint ?? context.skip('there is no mount')

  describe('programs', () => {
    test('cp and dd bring the bytes there and back', async (context) => {
      const mount = place(context)
      const scratch = await mkdtemp(join(tmpdir(), 'cloudmount-programs-'))
      try {
        const content = patternBytes(3_000_001, 11)
        await writeFile(join(scratch, 'a'), content)
        await run(context, 'cp', ['-p', join(scratch, 'a'), join(mount, 'copied')])
        await run(context, 'dd', [
          `if=${join(mount, 'copied')}`,
          `of=${join(mount, 'dumped')}`,
          'bs=7777',
          'status=none',
        ])
        await run(context, 'dd', [`if=${join(mount, 'dumped')}`, `of=${join(scratch, 'b')}`, 'bs=64k', 'status=none'])
        expect((await readFile(join(scratch, 'b'))).equals(content)).toBe(true)
        await on().upload()
        expect((await on().bucket.get('dumped'))?.equals(content)).toBe(true)
      } finally {
        await rm(scratch, { recursive: true })
      }
    })

    test('git makes a repository, commits, and finds it whole', async (context) => {
      const repository = join(place(context), 'repository')
      await run(context, 'git', ['init', '-q', '-b', 'main', repository])
      const git = (...args: string[]): Promise<string> =>
        run(context, 'git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], repository)
      for (let index = 0; index < 12; index++) await writeFile(join(repository, `file${index}`), `content ${index}`)
      await git('add', '.')
      await git('commit', '-q', '-m', 'first')
      await git('gc', '-q')
      expect(await git('status', '--porcelain')).toBe('')
      await git('fsck', '--strict')
      expect(await on().upload()).toBe(0)
      const keys = await on().bucket.keys('repository/.git/')
      expect(keys.filter((key) => key.endsWith('.lock') || key.includes('tmp_'))).toEqual([])
    })

    test('sqlite3 keeps a database, with a journal and with memory mapping', async (context) => {
      const mount = place(context)
      const sql = [
        'PRAGMA mmap_size = 1000000',
        'CREATE TABLE t (n INTEGER, text TEXT)',
        `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000) INSERT INTO t SELECT n, hex(n) FROM c`,
        'DELETE FROM t WHERE n % 3 = 0',
        'VACUUM',
      ]
      await run(context, 'sqlite3', [join(mount, 'base.sqlite'), sql.join(';')])
      const check = ['PRAGMA mmap_size = 1000000; PRAGMA integrity_check; SELECT count(*) FROM t']
      const answer = await run(context, 'sqlite3', [join(mount, 'base.sqlite'), ...check])
      expect(answer.split('\n')).toEqual(expect.arrayContaining(['ok', '1334']))
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.keys('base.sqlite')).toEqual(['base.sqlite'])
    })

    test('a mapped file is written through memory', async (context) => {
      const mount = place(context)
      const script = [
        'import mmap, os, sys',
        'f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)',
        'os.ftruncate(f, 10000)',
        'm = mmap.mmap(f, 10000)',
        'm[5000:5006] = b"mapped"',
        'm.flush()',
        'm.close()',
        'os.close(f)',
      ]
      await run(context, 'python3', ['-c', script.join('\n'), join(mount, 'mapped')])
      await on().upload()
      const content = await on().bucket.get('mapped')
      expect(content?.length).toBe(10_000)
      expect(content?.subarray(5_000, 5_006).toString()).toBe('mapped')
    })

    test('rsync and tar bring a tree there with its times, and find nothing left to do', async (context) => {
      const mount = place(context)
      const scratch = await mkdtemp(join(tmpdir(), 'cloudmount-programs-'))
      try {
        for (let index = 0; index < 20; index++) await writeFile(join(scratch, `f${index}`), patternBytes(index * 1000))
        const tree = join(mount, 'synced')
        await run(context, 'rsync', ['-a', `${scratch}/`, `${tree}/`])
        expect(await run(context, 'rsync', ['-ani', '--omit-dir-times', `${scratch}/`, `${tree}/`])).toBe('')
        expect(await on().upload()).toBe(0)
        expect(await run(context, 'rsync', ['-anic', '--omit-dir-times', `${scratch}/`, `${tree}/`])).toBe('')
        const keys = await on().bucket.keys('synced/')
        expect(keys.length).toBe(21)
        await run(context, 'tar', ['-cf', join(scratch, 't.tar'), '-C', tree, '.'])
        await run(context, 'tar', ['-df', join(scratch, 't.tar'), '-C', tree])
      } finally {
        await rm(scratch, { recursive: true })
      }
    })
  })
}
