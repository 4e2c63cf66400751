import type { FileEntry } from '../../contracts/file.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** By the folder's path. */
export type FileTree = Record<string, FileEntry[]>

export function fileEntry(name: string, change: Partial<FileEntry> = {}): FileEntry {
  return {
    name,
    kind: 'file',
    sizeBytes: 1_240_000,
    modifiedAt: Date.now() - 3 * day,
    badge: 'online-only',
    cachedBytes: 0,
    ...change,
  }
}

function folder(name: string, change: Partial<FileEntry> = {}): FileEntry {
  const { badge: _badge, ...entry } = fileEntry(name, { kind: 'folder', sizeBytes: 0 })
  return { ...entry, ...change }
}

/** One of each state. */
export function someFiles(): FileTree {
  const now = Date.now()
  const denied = {
    code: 'access-denied' as const,
    message: 'These keys may not write to “studio-photos”.',
    consequence: 'The change is kept on this computer.',
    remedy: 'Ask for permission to write, then choose “Retry” under Transfers.',
  }
  return {
    '': [
      folder('archive'),
      folder('clients', { badge: 'conflict' }),
      folder('raw', { badge: 'uploading' }),
      folder('weddings', { badge: 'pinned', kept: 'itself' }),
      fileEntry('Ana & Jo.mp4', { sizeBytes: 4_812_345_678, badge: 'cached', cachedBytes: 4_812_345_678 }),
      fileEntry('budget 2027.xlsx', { badge: 'conflict', cachedBytes: 1_240_000, modifiedAt: now - 4 * minute }),
      fileEntry('contract.pdf', { badge: 'pinned', kept: 'itself', cachedBytes: 1_240_000 }),
      fileEntry('film.mov', { sizeBytes: 2e9, cachedBytes: 0.5e9 }),
      fileEntry('IMG_4711.cr3', {
        badge: 'uploading',
        cachedBytes: 1_240_000,
        transferId: 't1',
        modifiedAt: now - minute,
      }),
      fileEntry('IMG_4712.cr3', { badge: 'waiting', cachedBytes: 1_240_000, modifiedAt: now - minute }),
      fileEntry('latest', { kind: 'link', sizeBytes: 12 }),
      fileEntry('locked.psd', { badge: 'blocked', cachedBytes: 1_240_000, problem: denied }),
      fileEntry('notes.txt', { sizeBytes: 900, badge: 'cached', cachedBytes: 900, modifiedAt: now - 20 * minute }),
      fileEntry('portrait.tif', { sizeBytes: 90e6, badge: 'pinned', kept: 'itself', cachedBytes: 36e6 }),
      fileEntry('Thumbs.db', { sizeBytes: 4096, badge: 'local-only', cachedBytes: 4096 }),
      fileEntry('wedding.jpg', { sizeBytes: 8_400_000 }),
    ],
    archive: [],
    clients: [folder('2025'), fileEntry('offer.odt', { badge: 'conflict', cachedBytes: 1_240_000 })],
    'clients/2025': [folder('q3')],
    'clients/2025/q3': [folder('signed'), fileEntry('wedding list.ods')],
    'clients/2025/q3/signed': [fileEntry('nda.docx')],
    raw: [fileEntry('IMG_4713.cr3', { badge: 'uploading', cachedBytes: 1_240_000 })],
    weddings: [fileEntry('album.pdf', { badge: 'pinned', kept: 'with-folder', cachedBytes: 1_240_000 })],
  }
}

/** Names of a length that no row can show, and from the right to the left. */
export function longFiles(name: string, otherScript: string): FileTree {
  const endless = `${name} `.repeat(9).trim()
  const path = `${endless.slice(0, 200)}/${otherScript}`
  const inside = [
    folder(endless),
    folder(otherScript),
    fileEntry(`${endless.replaceAll(' ', '_')}.tiff`, { badge: 'waiting' }),
    fileEntry(`${otherScript}.txt`, { badge: 'cached', cachedBytes: 1_240_000 }),
    fileEntry(`report ${otherScript} final.pdf`),
  ]
  return {
    '': [folder(endless.slice(0, 200)), ...inside],
    [endless.slice(0, 200)]: [folder(otherScript)],
    [path]: inside,
  }
}

export function manyFiles(count: number): FileTree {
  const files = Array.from({ length: count }, (_none, index) =>
    fileEntry(`tile-${String(index).padStart(6, '0')}.tif`, { sizeBytes: 1000 + ((index * 7919) % 90_000) }),
  )
  return { '': [folder('inner'), ...files], inner: files.slice(0, 50) }
}
