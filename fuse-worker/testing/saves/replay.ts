/**
 * Plays a save trace: one call a line, arguments after it. `DOC` in a name is the document's; a word of one's own names an open
 * file. `content FILE` writes the document's new bytes from its beginning, in pieces; `write FILE BYTES` appends so many others.
 */
import { FsError, type KernelOperations } from '../../fuse/kernel.ts'
import { caller } from '../local-drive.ts'

const pieceBytes = 4_096
const openFlags: Readonly<Record<string, number>> = { r: 0, w: 1, rw: 2, wt: 0o1001 }

type Open = { handle: number; end: number; isWritable: boolean }

export type Stage = {
  operations: KernelOperations
  /** The folder of the document, without a slash at the end. */
  folder: string
  document: string
  content: Buffer
  wait: (delayMs: number) => Promise<void>
}

export async function replay(calls: string, stage: Stage): Promise<void> {
  const files = new Map<string, Open>()
  for (const line of calls.split('\n').map((text) => text.trim())) {
    if (line === '') continue
    const words = line.replaceAll('DOC', stage.document).split(' ')
    try {
      await play(words, stage, files)
    } catch (error) {
      const wanted = words.at(-1)
      if (error instanceof FsError && error.errno === wanted) continue
      throw new Error(`in the trace: ${line}`, { cause: error })
    }
  }
  if (files.size > 0) throw new Error(`the trace leaves open: ${[...files.keys()].join(', ')}`)
}

async function play(words: readonly string[], stage: Stage, files: Map<string, Open>): Promise<void> {
  const { operations, folder } = stage
  const [call = '', first = '', second = '', third = ''] = words
  const path = `${folder}/${first}`
  switch (call) {
    case 'create': {
      const handle = await operations.create(path, parseInt(second, 8), caller)
      files.set(third, { handle, end: 0, isWritable: true })
      return
    }
    case 'open': {
      const handle = await operations.open(path, openFlags[second] ?? 0)
      files.set(third, { handle, end: 0, isWritable: second !== 'r' })
      return
    }
    case 'wait':
      return stage.wait(Number(first))
    case 'stat':
      await operations.getattr(path)
      return
    case 'chmod':
      return operations.chmod(path, parseInt(second, 8))
    case 'utimens':
      return operations.utimens(path, 'now', Number(second))
    case 'truncate':
      return operations.truncate(path, Number(second))
    case 'rename':
      return operations.rename(path, `${folder}/${second}`)
    case 'link':
      return operations.link(path, `${folder}/${second}`)
    case 'unlink':
      return operations.unlink(path)
    case 'mkdir':
      return operations.mkdir(path, parseInt(second, 8), caller)
    case 'rmdir':
      return operations.rmdir(path)
    case 'fsyncdir':
      return operations.fsyncdir(folder === '' ? '/' : folder)
    default:
      return playOnFile(call, first, second, stage, files)
  }
}

async function playOnFile(
  call: string,
  name: string,
  argument: string,
  { operations, content }: Stage,
  files: Map<string, Open>,
): Promise<void> {
  const file = files.get(name)
  if (file === undefined) throw new Error(`${name} is not open`)
  switch (call) {
    case 'content':
      for (let at = 0; at < content.length; at += pieceBytes) {
        await operations.write(file.handle, content.subarray(at, at + pieceBytes), at)
      }
      file.end = content.length
      return
    case 'write':
      await operations.write(file.handle, Buffer.alloc(Number(argument), 0x2e), file.end)
      file.end += Number(argument)
      return
    case 'fsync':
    case 'datasync':
      return operations.fsync(file.handle, call === 'datasync')
    case 'ftruncate':
      return operations.ftruncate(file.handle, argument === 'final' ? content.length : Number(argument))
    case 'close':
      files.delete(name)
      await operations.flush(file.handle)
      await operations.release(file.handle)
      return
    default:
      throw new Error(`no such call: ${call}`)
  }
}
