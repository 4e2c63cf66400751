/**
 * How programs save: the calls each makes on the folder of the document, as its source, its manual or a trace of its system calls has
 * them. In the words of replay.ts; DOC is the document, which exists before the trace begins unless it says otherwise.
 */

export type SaveTrace = {
  program: string
  /** Where the sequence is from. */
  source: string
  calls: string
  /** What the document's own bits are afterwards; 644 unless said. */
  mode?: number
  /** The time of modification the program gives it at last, if it does. */
  mtimeMs?: number
  /** Other keys that are meant to be written, with how often; everything else is stray. */
  others?: Record<string, number>
}

export const saveTraces: readonly SaveTrace[] = [
  {
    program: 'vim, backup by renaming (backupcopy=auto)',
    source: 'vim src/bufwrite.c; :help backupcopy, :help swap-file; strace of vim 9.0',
    calls: `
      create .DOC.swp 600 swap
      write swap 4096
      wait 40000
      stat DOC
      create 4913 644 probe
      close probe
      unlink 4913
      rename DOC DOC~
      create DOC 644 doc
      content doc
      fsync doc
      close doc
      chmod DOC 644
      unlink DOC~
      write swap 4096
      close swap
      unlink .DOC.swp`,
  },
  {
    program: 'vim, backup by copying (backupcopy=yes)',
    source: 'vim src/bufwrite.c; :help backupcopy; strace of vim 9.0',
    calls: `
      create .DOC.swp 600 swap
      write swap 4096
      create DOC~ 644 backup
      write backup 700
      close backup
      utimens DOC~ 1600000000000
      open DOC wt doc
      content doc
      fsync doc
      close doc
      unlink DOC~
      close swap
      unlink .DOC.swp`,
  },
  {
    program: 'VS Code',
    source: 'src/vs/platform/files/node/diskFileSystemProvider.ts: doWriteFile, flushOnWrite',
    calls: `
      stat DOC
      open DOC wt doc
      content doc
      datasync doc
      close doc
      stat DOC`,
  },
  {
    program: 'VS Code, atomic writes',
    source: 'src/vs/platform/files/node/diskFileSystemProvider.ts: doWriteFileAtomic (.vsctmp)',
    calls: `
      create DOC.vsctmp 644 temporary
      content temporary
      datasync temporary
      close temporary
      rename DOC.vsctmp DOC`,
  },
  {
    program: 'LibreOffice',
    source:
      'sfx2/source/doc/docfile.cxx: SfxMedium::LockOrigFileOnDemand, TransactedTransferForFS_Impl; unotools tempfile (lu*.tmp)',
    calls: `
      create .~lock.DOC# 644 lock
      write lock 90
      close lock
      wait 60000
      create lu1204a7f3c.tmp 600 temporary
      close temporary
      open lu1204a7f3c.tmp rw temporary
      write temporary 300
      content temporary
      close temporary
      chmod lu1204a7f3c.tmp 644
      rename lu1204a7f3c.tmp DOC
      wait 60000
      unlink .~lock.DOC#`,
  },
  {
    program: 'Microsoft Word',
    source: 'Microsoft KB 211632, “Description of how Word creates temporary files”',
    calls: `
      create ~$DOC 644 owner
      write owner 162
      close owner
      wait 60000
      create ~WRD0001.tmp 644 new
      content new
      fsync new
      close new
      rename DOC ~WRL0002.tmp
      rename ~WRD0001.tmp DOC
      unlink ~WRL0002.tmp
      wait 60000
      unlink ~$DOC`,
  },
  {
    program: 'Microsoft Excel',
    source:
      'Microsoft KB 814068, “Description of the way that Excel saves files”: eight hex digits without an extension',
    calls: `
      create ~$DOC 644 owner
      write owner 165
      close owner
      create 9AE4D000 644 new
      content new
      close new
      unlink DOC
      rename 9AE4D000 DOC
      unlink ~$DOC`,
  },
  {
    program: 'gedit and other GIO programs',
    source: 'glib gio/glocalfileoutputstream.c: handle_overwrite_open (.goutputstream-XXXXXX)',
    calls: `
      stat DOC
      create .goutputstream-A1B2C3 644 temporary
      chmod .goutputstream-A1B2C3 644
      content temporary
      fsync temporary
      close temporary
      rename .goutputstream-A1B2C3 DOC
      stat DOC`,
  },
  {
    program: 'sqlite, rollback journal',
    source: 'sqlite.org/atomiccommit.html, sections 3.1 to 3.11',
    calls: `
      open DOC rw db
      create DOC-journal 644 journal
      write journal 512
      write journal 4104
      fsync journal
      write journal 12
      fsync journal
      content db
      fsync db
      close journal
      unlink DOC-journal
      fsyncdir
      close db`,
  },
  {
    program: 'sqlite, write-ahead log',
    source: 'sqlite.org/wal.html, sections 2 and 4; sqlite.org/walformat.html',
    calls: `
      open DOC rw db
      create DOC-wal 644 wal
      create DOC-shm 644 shm
      truncate DOC-shm 32768
      write shm 136
      write wal 32
      write wal 4120
      fsync wal
      content db
      fsync db
      close wal
      unlink DOC-wal
      close shm
      unlink DOC-shm
      close db`,
  },
  {
    program: 'git, its index',
    source: 'git lockfile.c, object-file.c: finalize_object_file (link, and rename where links are refused)',
    calls: `
      create DOC.lock 644 lock
      mkdir ab 755
      create ab/tmp_obj_x1y2z3 444 object
      write object 120
      close object
      link ab/tmp_obj_x1y2z3 ab/cdef EPERM
      rename ab/tmp_obj_x1y2z3 ab/cdef
      content lock
      close lock
      rename DOC.lock DOC`,
    others: { 'ab/': 1, 'ab/cdef': 1 },
  },
  {
    program: 'rsync',
    source: 'rsync receiver.c, rsync.c: get_tmpname, finish_transfer; strace of rsync 3.2',
    calls: `
      create .DOC.k3J9sQ 600 temporary
      content temporary
      close temporary
      utimens .DOC.k3J9sQ 1500000000000
      chmod .DOC.k3J9sQ 640
      rename .DOC.k3J9sQ DOC`,
    mtimeMs: 1_500_000_000_000,
    mode: 0o640,
  },
  {
    program: 'rsync --inplace',
    source: 'rsync receiver.c: inplace; strace of rsync 3.2',
    calls: `
      open DOC rw doc
      content doc
      ftruncate doc final
      close doc
      utimens DOC 1500000000000`,
    mtimeMs: 1_500_000_000_000,
  },
  {
    program: 'Xcode and other NSDocument programs',
    source:
      'Apple NSFileManager replaceItemAtURL:; fs_usage of TextEdit: a folder DOC.sb-XXXXXXXX-YYYYYY beside the document',
    calls: `
      mkdir DOC.sb-1a2b3c4d-QwErTy 700
      create DOC.sb-1a2b3c4d-QwErTy/DOC 644 new
      content new
      fsync new
      close new
      create DOC.sb-1a2b3c4d-QwErTy/._DOC 644 fork
      write fork 4096
      close fork
      rename DOC DOC.sb-1a2b3c4d-QwErTy/old
      rename DOC.sb-1a2b3c4d-QwErTy/DOC DOC
      unlink DOC.sb-1a2b3c4d-QwErTy/._DOC
      unlink DOC.sb-1a2b3c4d-QwErTy/old
      rmdir DOC.sb-1a2b3c4d-QwErTy`,
  },
  {
    program: 'cp over it, with its times',
    source: 'coreutils src/copy.c: copy_reg, --preserve=timestamps',
    calls: `
      open DOC wt doc
      content doc
      close doc
      utimens DOC 1500000000000`,
    mtimeMs: 1_500_000_000_000,
  },
]
