/**
 * Serves a tiny file system with one build of the FUSE addon, for the tests of our patch: `addon-host.mjs FOLDER PACKAGE`.
 * A process of its own, because the stock addon may take it down. Says `ready`, then answers each line on stdin with one
 * line of JSON: everything it was asked so far.
 */
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [, , mountpoint, packageFolder] = process.argv
const Fuse = createRequire(import.meta.url)(packageFolder)

const seen = { locals: 0, calls: [], files: [], keptLengths: [] }
const kept = []
const times = { atime: new Date(0), mtime: new Date(0), ctime: new Date(0) }
const directory = { mode: 0o40755, size: 0, ino: 1, ...times }
const files = new Map([
  ['/file', { mode: 0o100644, size: 5, ino: 2, ...times }],
  ['/old', { mode: 0o100644, size: 5, ino: 2 ** 40 + 7, ...times, mtime: -86_400_000.5, atime: 2 ** 33 * 1000 }],
  ['/late', { mode: 0o100644, size: 5, ino: 3, ...times }],
  ['/rich', { mode: 0o100644, size: 5, ino: 4, ...times }],
  ['/slow', { mode: 0o100644, size: 5, ino: 5, ...times }],
])

const note = (name, ...args) => seen.calls.push([name, ...args])
const statOf = (path) => (path === '/' ? directory : files.get(path))

const operations = {
  getattr(path, done) {
    note('getattr', path)
    const stat = statOf(path)
    if (stat === undefined) return done(Fuse.ENOENT)
    if (path === '/slow') return setTimeout(() => done(0, stat), 20)
    done(0, stat)
    if (path === '/late') done(0, stat)
  },
  fgetattr(path, fd, done) {
    note('fgetattr', path, fd)
    done(0, files.get('/file'))
  },
  statfs: (path, done) => done(0, { bsize: 4096, frsize: 4096, blocks: 2 ** 40, bfree: 2 ** 39, bavail: 2 ** 39 }),
  readdir: (path, done) => done(0, ['file']),
  open: (path, flags, done) => done(0, 7),
  create(path, mode, done, caller) {
    note('create', path, mode, caller)
    files.set(path, { mode, size: 0, ino: 9, ...times })
    done(0, 8)
  },
  read(path, fd, buffer, length, offset, done) {
    kept.push(buffer)
    done(offset === 0 ? buffer.write('hello') : 0)
  },
  write(path, fd, buffer, length, offset, done) {
    note('write', path, fd, buffer.toString())
    done(length)
  },
  release: (path, fd, done) => done(0),
  unlink: (path, done) => done(files.delete(path) ? 0 : Fuse.ENOENT),
  mkdir(path, mode, done, caller) {
    note('mkdir', path, mode, caller)
    done(0)
  },
  utimens(path, atime, mtime, done) {
    note('utimens', atime, mtime)
    done(0)
  },
  getxattr: (path, name, position, done) => done(0, path === '/rich' ? Buffer.alloc(64, 'v') : null),
}

const fuse = new Fuse(mountpoint, operations, {
  timeout: false,
  fsname: 'addon-host,hard_remove,use_ino,attr_timeout=0,entry_timeout=0,ac_attr_timeout=0',
})
const malloc = fuse._malloc
fuse._malloc = function (size) {
  seen.locals += 1
  return malloc.call(fuse, size)
}

fuse.mount((error) => {
  if (error) throw error
  console.log('ready')
})

createInterface({ input: process.stdin })
  .on('line', () => {
    seen.files = [...files.keys()]
    seen.keptLengths = kept.map((buffer) => buffer.length)
    console.log(JSON.stringify(seen, (_, value) => (value === undefined ? 'undefined' : value)))
  })
  .on('close', () => process.exit(0))
