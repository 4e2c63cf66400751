import type { ImportCandidate, ImportsFound } from '../../contracts/import.ts'

const long = 'A bookmark with a very long name that somebody once wrote to remember everything about it '.repeat(2)

const candidates: ImportCandidate[] = [
  {
    id: 'studio',
    source: 'aws',
    path: '/home/ana/.aws/config',
    name: 'studio',
    becomes: {
      kind: 'account',
      provider: 'aws',
      region: 'eu-central-1',
      credentials: { kind: 'profile', profile: 'studio' },
      missing: [],
    },
  },
  {
    id: 'lab',
    source: 'rclone',
    path: '/home/ana/.config/rclone/rclone.conf',
    name: 'lab',
    becomes: {
      kind: 'account',
      provider: 'minio',
      endpoint: 'https://minio.lab.example:9000',
      region: 'us-east-1',
      credentials: { kind: 'static', accessKeyId: 'AKLAB' },
      missing: [],
    },
  },
  {
    id: 'vault',
    source: 'rclone',
    path: '/home/ana/.config/rclone/rclone.conf',
    name: 'vault',
    becomes: {
      kind: 'nothing',
      reason:
        'It encrypts the files and names it keeps in “lab”. CloudMount would show what is stored there, not your files.',
    },
  },
  {
    id: 'bookmark',
    source: 'cyberduck',
    path: '/home/ana/b.duck',
    name: long,
    becomes: {
      kind: 'account',
      provider: 'wasabi',
      endpoint: 'https://s3.eu-central-1.wasabisys.com',
      region: 'eu-central-1',
      missing: ['accessKeyId', 'secretAccessKey'],
      place: { bucket: 'studio-photos', prefix: '2026/raw/' },
    },
  },
  {
    id: 'backup',
    source: 'cyberduck',
    path: '/home/ana/c.duck',
    name: 'Backup',
    becomes: {
      kind: 'account',
      provider: 'wasabi',
      endpoint: 'https://s3.eu-central-1.wasabisys.com',
      region: 'eu-central-1',
      credentials: { kind: 'static', accessKeyId: 'AK' },
      missing: ['secretAccessKey'],
      existing: { name: 'Backup', hasDrive: true },
    },
  },
]

/** The usual places hold much; a chosen file is one that cannot be read. */
export function importsOf(path: string | undefined): ImportsFound {
  if (path === undefined) return { candidates, problems: [] }
  const problem = {
    code: 'invalid-input',
    message: 'The configuration of rclone is encrypted with a password, so its remotes cannot be read.',
    remedy: 'In a terminal, run “rclone config encryption remove”, import, and encrypt it again.',
  } as const
  return { candidates: [], problems: [problem] }
}
