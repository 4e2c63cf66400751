/** `cloudmount versions`: what a bucket with versioning still holds of a mounted drive's files, and bringing it back. */
import { resolve } from 'node:path'
import { problemFrom, ProblemError } from '../contracts/problem.ts'
import { bytesInWords } from '../contracts/quantities.ts'
import type { DeletedFile, FileVersion, VersionPlace } from '../contracts/version.ts'
import { askDrive, mountAt, pathOn } from './drive-requests.ts'
import { exitCodes } from './exit-codes.ts'
import type { MountEntry } from './mount-registry.ts'
import { printProblem } from './print-problem.ts'

export type VersionsOptions = {
  restore?: string
  save?: string
  deleted?: string | true
  undelete?: string[]
  json?: boolean
}

const answerMs = 2 * 60_000
/** Large files are copied part by part, or come over a slow line. */
const bytesMs = 12 * 60 * 60_000
/** What one request may carry; longer lists are sent in pieces. */
const undeletedAtOnce = 200

export async function versions(
  directory: string,
  path: string | undefined,
  target: string | undefined,
  options: VersionsOptions,
): Promise<number> {
  const drive = mountAt(directory)
  if (options.deleted !== undefined)
    return showDeleted(drive, options.deleted === true ? '' : pathOn(drive, options.deleted), options.json === true)
  if (options.undelete !== undefined) return undelete(drive, options.undelete)
  if (path === undefined) throw missing('a file of the drive, or --deleted')
  const file = pathOn(drive, path)
  if (options.restore !== undefined) return restore(drive, { path: file, versionId: options.restore })
  if (options.save === undefined) return show(drive, file, options.json === true)
  if (target === undefined) throw missing('where to save the version')
  await askDrive(drive, 'version:save', { path: file, versionId: options.save, target: resolve(target) }, bytesMs)
  return exitCodes.done
}

async function show(drive: MountEntry, path: string, isJson: boolean): Promise<number> {
  const found = await askDrive(drive, 'version:list', { path }, answerMs)
  if (isJson) process.stdout.write(JSON.stringify({ path, ...found }, undefined, 2) + '\n')
  else if (!found.isVersioned) process.stdout.write('The bucket keeps no versions.\n')
  else if (found.versions.length === 0) process.stdout.write(`The bucket has no versions of “${path}”.\n`)
  else for (const version of found.versions) process.stdout.write(describeVersion(version) + '\n')
  if (found.isTruncated && !isJson) process.stdout.write('There are older ones, which are not listed.\n')
  return exitCodes.done
}

function describeVersion({ versionId, kind, isCurrent, sizeBytes, modifiedAt }: FileVersion): string {
  const what = kind === 'deleted' ? 'deleted' : bytesInWords(sizeBytes)
  return `${timeInWords(modifiedAt)}  ${what.padEnd(10)}  ${versionId}${isCurrent ? '  now' : ''}`
}

async function restore(drive: MountEntry, of: VersionPlace): Promise<number> {
  const { versions: known } = await askDrive(drive, 'version:list', { path: of.path }, answerMs)
  const currentEtag = known.find(({ isCurrent }) => isCurrent)?.etag
  const asked = currentEtag === undefined ? of : { ...of, currentEtag }
  const { outcome } = await askDrive(drive, 'version:restore', asked, bytesMs)
  if (outcome === 'restored') {
    process.stdout.write(`“${of.path}” has the content of that version again.\n`)
    return exitCodes.done
  }
  throw new ProblemError({
    code: 'conflict',
    message: `“${of.path}” was changed in the bucket meanwhile.`,
    consequence: 'Nothing was changed.',
    remedy: 'Look at its versions, and try again.',
  })
}

async function showDeleted(drive: MountEntry, folder: string, isJson: boolean): Promise<number> {
  let count = 0
  let isVersioned = false
  for await (const page of deletedIn(drive, folder)) {
    isVersioned ||= page.isVersioned
    count += page.files.length
    for (const file of page.files) process.stdout.write((isJson ? JSON.stringify(file) : describeDeleted(file)) + '\n')
  }
  if (!isJson && !isVersioned) process.stdout.write('The bucket keeps no versions.\n')
  else if (!isJson && count === 0) process.stdout.write('No deleted files were found.\n')
  return exitCodes.done
}

const describeDeleted = ({ path, versionId, sizeBytes, deletedAt }: DeletedFile): string =>
  `${timeInWords(deletedAt)}  ${bytesInWords(sizeBytes).padEnd(10)}  ${versionId}  ${path}`

/** A folder stands for every deleted file in it. */
async function undelete(drive: MountEntry, paths: readonly string[]): Promise<number> {
  let isWhole = true
  let count = 0
  for (const given of paths) {
    const path = pathOn(drive, given)
    const files = await lastContents(drive, path)
    if (files.length === 0) {
      isWhole = false
      printProblem({ code: 'not-found', message: `No deleted file was found at “${path}”.` })
    }
    for (let at = 0; at < files.length; at += undeletedAtOnce) {
      const piece = files.slice(at, at + undeletedAtOnce)
      const { outcomes } = await askDrive(drive, 'version:undelete', { files: piece }, bytesMs)
      for (const { path: own, outcome, problem } of outcomes) {
        if (outcome === 'restored') count++
        else isWhole = false
        if (outcome === 'exists')
          printProblem({ code: 'already-exists', message: `“${own}” exists again; it stays as it is.` })
        if (problem !== undefined) printProblem(problem)
      }
    }
  }
  process.stdout.write(`${count} ${count === 1 ? 'file' : 'files'} brought back.\n`)
  return isWhole ? exitCodes.done : exitCodes.failed
}

async function lastContents(drive: MountEntry, path: string): Promise<VersionPlace[]> {
  const [current, ...older] = await ofFile(drive, path)
  if (current !== undefined) {
    const last = current.kind === 'deleted' ? older.find(({ kind }) => kind === 'content') : current
    return last === undefined ? [] : [{ path, versionId: last.versionId }]
  }
  const files: VersionPlace[] = []
  for await (const page of deletedIn(drive, path))
    files.push(...page.files.map(({ path: own, versionId }) => ({ path: own, versionId })))
  return files
}

/** None of a folder. */
async function ofFile(drive: MountEntry, path: string): Promise<FileVersion[]> {
  try {
    return path === '' ? [] : (await askDrive(drive, 'version:list', { path }, answerMs)).versions
  } catch (error) {
    if (problemFrom(error).code === 'invalid-input') return []
    throw error
  }
}

async function* deletedIn(drive: MountEntry, path: string) {
  let after: string | undefined
  do {
    const asked = after === undefined ? { path } : { path, after }
    const page = await askDrive(drive, 'version:deleted', asked, answerMs)
    yield page
    after = page.more
  } while (after !== undefined)
}

const timeInWords = (atMs: number): string => new Date(atMs).toLocaleString('sv-SE')

const missing = (what: string): ProblemError =>
  new ProblemError({ code: 'invalid-input', message: `Say ${what}.`, remedy: 'See cloudmount versions --help.' })
