import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyDriveStatus } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import type { Problem } from '../contracts/problem.ts'
import type { Transfer } from '../contracts/transfer.ts'
import { lastLines } from './diagnostics-desk.ts'
import { redactLine } from './log-redaction.ts'
import { placeholders } from './placeholders.ts'
import { defaultSettings, type AccountRecord } from './store-file.ts'
import { supportBundle, type BundleFacts } from './support-bundle.ts'
import { tempFolder } from './testing/temp-folder.ts'

/** Everything a person or their employer named, and everything secret, holds this word. */
const planted = 'Zanzibar'
const problem: Problem = {
  code: 'access-denied',
  message: `“${planted} plan.docx” may not be changed with AKIA${planted}.`,
  consequence: `It is in /home/${planted}.`,
  remedy: `Ask ${planted}.`,
  detail: `HTTP 403 from ${planted}.example: secret ${planted}`,
}
const signIn = { endsAt: 5, command: `aws sso login --profile ${planted}` }
const drive: DriveView = {
  drive: {
    id: 'd1',
    accountId: 'a1',
    name: `${planted}: its "drive"`,
    bucket: `${planted}-bucket`,
    prefix: `${planted}/2026/`,
    mountpoint: `/home/${planted}/CloudMount`,
    cacheDirectory: `/mnt/${planted}`,
    isReadOnly: false,
    consistency: 'strict',
    mountsAtStart: true,
    localOnlyPatterns: [`*.${planted}`],
    conflictRules: [{ path: `${planted}/drafts`, policy: 'both' }],
    storageClass: `${planted}_CLASS`,
    encryption: { kind: 'sse-kms', keyId: `arn:aws:kms:eu-central-1:1:key/${planted}` },
  },
  state: { state: 'restarting', retryAt: 5, problem },
  status: { ...emptyDriveStatus, connection: 'offline', pendingOperations: 17, problem, shortage: problem, signIn },
}
const account: AccountRecord = {
  account: {
    id: 'a1',
    name: `${planted} GmbH`,
    provider: 'minio',
    endpoint: `https://user:${planted}@s3.${planted}.example:9000/${planted}`,
    region: `de-${planted}-1`,
    addressing: 'path',
    credentials: { kind: 'static', accessKeyId: `AKIA${planted}` },
    caFile: `/home/${planted}/ca.pem`,
  },
}
const transfer: Transfer = {
  id: 'd1:op-1',
  driveId: 'd1',
  kind: 'upload',
  path: `${planted}/plan.docx`,
  sizeBytes: 1,
  doneBytes: 0,
  attempts: 1,
  queuedAt: 0,
  status: { state: 'blocked', problem },
}
const time = '2026-11-21T10:00:00.000Z'
const workerLine = (fields: Record<string, unknown>): string =>
  `${time} error ${drive.drive.name}: ${JSON.stringify({ time, level: 'error', ...fields })}`
const texts = [
  planted,
  `“${planted}” and ‘${planted}’ at /home/${planted}/My ${planted}/x`,
  `ENOENT: no such file or directory, open '/home/${planted}/secret plan.docx'`,
  `https://s3.${planted}.example/b/k?X-Amz-Credential=AKIA${planted}&X-Amz-Signature=${planted}`,
  `Error: ${planted} ⏎     at read (/home/${planted}/main.js:10:5) ⏎     at async Object.open (file:///${planted}/w.js:1:2)`,
  `{"level":"info","path":"${planted}"}`,
  `unmounted → failed (access-denied: ${planted})`,
]
const logLines = [
  ...texts.flatMap((text) => [
    `${time} info ${text}`,
    `${time} info ${drive.drive.name}: ${text}`,
    `${time} info notified: ${text}`,
    `${time} info account:save: access-denied: ${text}`,
    `${time} info file:list: ${text}`,
    `${time} ${planted} ${text}`,
    text,
    workerLine({ message: 'an operation failed', error: text, path: text, key: text, other: text, nested: { text } }),
    workerLine({
      message: `${text}/`,
      operation: `${text} `,
      outcome: `${text}.`,
      time: text,
      [`k ${planted}`]: text,
    }),
  ]),
]

const facts: BundleFacts = {
  nowMs: 0,
  versions: { cloudmount: '0.1.0' },
  system: { platform: 'linux', cpus: 8 },
  settings: defaultSettings,
  accounts: [account],
  drives: [drive],
  transfers: [transfer],
  notices: [problem],
  logLines,
}

describe('the support bundle', () => {
  it('holds no secret and nobody’s names, wherever they were', () => {
    expect(JSON.stringify(facts).split(planted).length).toBeGreaterThan(100)
    expect(
      supportBundle(facts)
        .split('\n')
        .filter((line) => line.toLowerCase().includes(planted.toLowerCase())),
    ).toEqual([])
    expect(supportBundle(facts)).not.toMatch(/plan\.docx|My |AKIA|example/)
  })

  it('says what helps: states, numbers, codes, and the same placeholder for the same thing', () => {
    const text = supportBundle(facts)
    for (const said of ['"state": "restarting"', '"pendingOperations": 17', '"sse-kms"', 'access-denied (HTTP 403)'])
      expect(text).toContain(said)
    expect(text).toContain('"upload, blocked (access-denied (HTTP 403))": 1')
    expect(text).toContain('"endpoint": "https://host-1"')
    expect(text.match(/"account": "account-1"/g)).toHaveLength(2)
    expect(text).toContain('drive-1: unmounted → failed (access-denied)')
    expect(text).toContain('withheld: ENOENT')
    expect(text).toContain('at read')
  })

  it('keeps what a worker says of itself, and a placeholder for each path', () => {
    const redaction = { driveNames: ['Photos'], requestNames: [], names: placeholders() }
    const line = (fields: Record<string, unknown>): string =>
      redactLine(`${time} info Photos: ${JSON.stringify(fields)}`, redaction)
    expect(line({ message: 'request', operation: 'put', key: 'a/b', ms: 12, outcome: 'access-denied' })).toBe(
      `${time} info drive-1: {"message":"request","operation":"put","key":"file-1","ms":12,"outcome":"access-denied"}`,
    )
    expect(line({ message: 'request', key: 'c' })).toContain('"key":"file-2"')
    expect(line({ message: 'request', key: 'a/b' })).toContain('"key":"file-1"')
  })
})

it('a message of a worker’s log is a text of ours, not one that names something', () => {
  const folder = join(import.meta.dirname, '..', 'fuse-worker')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const calls = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/\blog\.(?:debug|info|warn|error)\(\s*(.)([^)\n]*)/gi)].map(
      ([, quote, rest]) => `${quote}${rest}`,
    ),
  )
  expect(calls.length).toBeGreaterThan(20)
  const known = ['`${name} failed`', '`an earlier version could not be ${what};']
  expect(calls.filter((call) => !call.startsWith("'") && !known.some((one) => call.startsWith(one)))).toEqual([])
})

it('the end of a log is whole lines, and a log that is not there is none', async () => {
  const path = join(tempFolder(), 'main.log')
  expect(await lastLines(path, 10)).toEqual([])
  writeFileSync(path, 'first line\nsecond\nthird\n')
  expect(await lastLines(path, 100)).toEqual(['first line', 'second', 'third'])
  expect(await lastLines(path, 15)).toEqual(['second', 'third'])
})
