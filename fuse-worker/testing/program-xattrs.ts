/** Extended attributes of files on a mount: Node cannot, Python can. Undefined where there is no Python. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Xattrs } from './fs-under-test.ts'

const execute = promisify(execFile)

const script = `
import errno, os, sys
call, path, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
try:
    if call == 'set':
        flags = {'': 0, 'create': os.XATTR_CREATE, 'replace': os.XATTR_REPLACE}[rest[2]]
        os.setxattr(path, rest[0], bytes.fromhex(rest[1]), flags, follow_symlinks=False)
    elif call == 'get':
        print(os.getxattr(path, rest[0], follow_symlinks=False).hex())
    elif call == 'remove':
        os.removexattr(path, rest[0], follow_symlinks=False)
    else:
        print('\\n'.join(os.listxattr(path, follow_symlinks=False)))
except OSError as error:
    sys.stdout.write('!' + errno.errorcode[error.errno])
`

export async function programXattrs(at: (path: string) => string): Promise<Xattrs | undefined> {
  const python = await firstThatRuns(['/usr/bin/python3', 'python3'])
  if (python === undefined) return undefined
  const run = async (call: string, path: string, ...rest: string[]): Promise<string> => {
    const { stdout } = await execute(python, ['-c', script, call, at(path), ...rest])
    if (stdout.startsWith('!')) throw Object.assign(new Error(`${call} ${path}`), { code: stdout.slice(1) })
    return stdout.trim()
  }
  return {
    set: async (path, name, value, flags) => {
      await run('set', path, name, value.toString('hex'), flags ?? '')
    },
    get: async (path, name) => Buffer.from(await run('get', path, name), 'hex'),
    list: async (path) => (await run('list', path)).split('\n').filter((name) => name !== ''),
    remove: async (path, name) => {
      await run('remove', path, name)
    },
  }
}

async function firstThatRuns(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    try {
      await execute(candidate, ['-c', 'import os; os.setxattr'])
      return candidate
    } catch {
      continue
    }
  }
  return undefined
}
