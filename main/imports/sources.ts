/** Where other programs keep what can be imported, and which reader takes a file. Only reads; a file that is not there is nothing. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { awsFound } from './aws.ts'
import { cyberduckFound } from './cyberduck.ts'
import type { Found, TextFile } from './found.ts'
import { isEncryptedRclone, rcloneFound } from './rclone.ts'

export type ImportPlaces = {
  homeDirectory: string
  environment: Readonly<Record<string, string | undefined>>
}

export type ReadImports = { found: Found[]; problems: Problem[] }

/** No configuration is larger; what is was chosen by mistake. */
const mostBytes = 4 * 1024 * 1024
const mostBookmarks = 1000

export async function readUsualPlaces(places: ImportPlaces): Promise<ReadImports> {
  const parts = await Promise.all([readAws(places), readRclone(places), readCyberduck(places)])
  return { found: parts.flatMap(({ found }) => found), problems: parts.flatMap(({ problems }) => problems) }
}

/** A file that the person chose; of what kind it is, its name or its first characters tell. */
export async function readChosen(path: string): Promise<ReadImports> {
  const extension = extname(path)
  return readOne(path, (file) => {
    if (extension === '.duck' || extension === '.cyberduckprofile') return cyberduckFound(file)
    if (isEncryptedRclone(file.text)) return encrypted()
    const found = rcloneFound(file)
    return found.length > 0 ? found : nothingIn(path)
  })
}

async function readAws({ homeDirectory, environment }: ImportPlaces): Promise<ReadImports> {
  const folder = join(homeDirectory, '.aws')
  const [config, credentials] = await Promise.all([
    readIfThere(environment['AWS_CONFIG_FILE'] ?? join(folder, 'config')),
    readIfThere(environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials')),
  ])
  return { found: awsFound(fileOf(config), fileOf(credentials)), problems: [config, credentials].flatMap(problemOf) }
}

/** The first that is there, in rclone's own order. */
async function readRclone({ homeDirectory, environment }: ImportPlaces): Promise<ReadImports> {
  const configHome = environment['XDG_CONFIG_HOME'] ?? join(homeDirectory, '.config')
  const candidates = [
    environment['RCLONE_CONFIG'],
    join(configHome, 'rclone', 'rclone.conf'),
    join(homeDirectory, '.config', 'rclone', 'rclone.conf'),
    join(homeDirectory, '.rclone.conf'),
  ]
  for (const path of candidates) {
    if (path === undefined || path === '' || !(await isThere(path))) continue
    return readOne(path, (file) => (isEncryptedRclone(file.text) ? encrypted() : rcloneFound(file)))
  }
  return { found: [], problems: [] }
}

async function readCyberduck({ homeDirectory }: ImportPlaces): Promise<ReadImports> {
  const folders = [
    join(homeDirectory, 'Library/Group Containers/G69SCX94XU.duck/Library/Application Support/duck/Bookmarks'),
    join(homeDirectory, 'Library/Application Support/Cyberduck/Bookmarks'),
    join(homeDirectory, '.duck/bookmarks'),
  ]
  const files = (await Promise.all(folders.map(bookmarksIn))).flat().slice(0, mostBookmarks)
  const parts = await Promise.all(files.map((path) => readOne(path, cyberduckFound)))
  // Other services' bookmarks in a folder nobody chose are not worth a word.
  const found = parts.flatMap((part) => part.found).filter((one) => !('reason' in one))
  return { found, problems: parts.flatMap(({ problems }) => problems) }
}

async function bookmarksIn(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => name.endsWith('.duck')).map((name) => join(folder, name))
  } catch {
    return []
  }
}

type Unread = { problem: Problem }
type MaybeRead = TextFile | Unread | undefined

async function readOne(path: string, read: (file: TextFile) => Found[] | Unread): Promise<ReadImports> {
  const file = await readIfThere(path)
  if (file === undefined) return { found: [], problems: [unreadable(path, t('main.import.not-there'))] }
  if ('problem' in file) return { found: [], problems: [file.problem] }
  try {
    const found = read(file)
    return 'problem' in found ? { found: [], problems: [found.problem] } : { found, problems: [] }
  } catch {
    return { found: [], problems: [unreadable(path, t('main.import.malformed'))] }
  }
}

async function readIfThere(path: string): Promise<MaybeRead> {
  try {
    if ((await stat(path)).size > mostBytes) return { problem: unreadable(path, t('main.import.too-large')) }
    return { path, text: await readFile(path, 'utf8') }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return { problem: unreadable(path, error instanceof Error ? error.message : String(error)) }
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await readIfThere(path)) !== undefined
}

function fileOf(read: MaybeRead): TextFile | undefined {
  return read && 'text' in read ? read : undefined
}

function problemOf(read: MaybeRead): Problem[] {
  return read && 'problem' in read ? [read.problem] : []
}

function encrypted(): Unread {
  return {
    problem: {
      code: 'invalid-input',
      message: t('main.import-encrypted'),
      remedy: t('main.import-encrypted.remedy'),
    },
  }
}

function nothingIn(path: string): Unread {
  return {
    problem: {
      code: 'invalid-input',
      message: t('main.import-nothing', { path }),
      remedy: t('main.import-nothing.remedy'),
    },
  }
}

/** A parser's own message is not told: it may quote the file, and the file holds secrets. */
function unreadable(path: string, detail: string): Problem {
  return {
    code: 'invalid-input',
    message: t('main.import-unreadable', { path }),
    remedy: t('main.import-unreadable.remedy'),
    detail,
  }
}
