import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { awsFound } from './aws.ts'
import { cyberduckFound } from './cyberduck.ts'
import { parseIni } from '../../contracts/ini.ts'
import { isEncryptedRclone, rcloneFound } from './rclone.ts'

const rclone = (text: string) => rcloneFound({ path: '/home/ana/.config/rclone/rclone.conf', text })

describe('sections of key = value lines', () => {
  it('a value is everything after the first “=”, with what other dialects take for comments', () => {
    const text = '\uFEFF# note\r\n; note\r\n[my.remote]\r\nsecret_access_key = a#b;c=d"e\r\nEmpty =\r\nno delimiter\r\n'
    expect(parseIni(text)).toEqual(
      new Map([
        [
          'my.remote',
          new Map([
            ['secret_access_key', 'a#b;c=d"e'],
            ['empty', ''],
          ]),
        ],
      ]),
    )
  })

  it('names that every object has are names like others', () => {
    const sections = parseIni('[__proto__]\nkeys = x\n[constructor]\nkeys = y')
    expect([...sections.keys()]).toEqual(['__proto__', 'constructor'])
    expect(Object.keys({ a: 1 })).toEqual(['a'])
  })
})

describe('a remote of rclone.conf', () => {
  it('as rclone wrote it becomes an account, with its secret and its endpoint', () => {
    const [found] = rclone(`
[minio]
type = s3
provider = Minio
endpoint = http://127.0.0.1:9000
access_key_id = AK
secret_access_key = se#cr;et=x
session_token = tok
`)
    expect(found).toEqual({
      source: 'rclone',
      path: '/home/ana/.config/rclone/rclone.conf',
      name: 'minio',
      account: {
        name: 'minio',
        provider: 'minio',
        endpoint: 'http://127.0.0.1:9000',
        region: 'us-east-1',
        addressing: 'path',
        credentials: { kind: 'static', accessKeyId: 'AK' },
      },
      secret: { secretAccessKey: 'se#cr;et=x', sessionToken: 'tok' },
      missing: [],
    })
  })

  it.each([
    ['provider = AWS\nregion = eu-west-1', 'aws', undefined, 'eu-west-1', 'virtual'],
    ['provider = AWS\nendpoint = s3.eu-north-1.amazonaws.com', 'aws', undefined, 'eu-north-1', 'virtual'],
    [
      'provider = AWS\nregion = eu-west-1\nendpoint = bucket.vpce-1a.s3.eu-west-1.vpce.amazonaws.com',
      'aws',
      'https://bucket.vpce-1a.s3.eu-west-1.vpce.amazonaws.com',
      'eu-west-1',
      'virtual',
    ],
    [
      'provider = Cloudflare\nendpoint = https://1a2b.r2.cloudflarestorage.com',
      'cloudflare-r2',
      'https://1a2b.r2.cloudflarestorage.com',
      'auto',
      'path',
    ],
    [
      'provider = Other\nendpoint = s3.eu-central-003.backblazeb2.com',
      'backblaze-b2',
      'https://s3.eu-central-003.backblazeb2.com',
      'eu-central-003',
      'path',
    ],
    [
      'provider = DigitalOcean\nendpoint = fra1.digitaloceanspaces.com',
      'digitalocean-spaces',
      'https://fra1.digitaloceanspaces.com',
      'fra1',
      'virtual',
    ],
    [
      'provider = Wasabi\nendpoint = s3.us-west-1.wasabisys.com',
      'wasabi',
      'https://s3.us-west-1.wasabisys.com',
      'us-west-1',
      'path',
    ],
    [
      'provider = Ceph\nendpoint = https://rgw.lab:7480/\nforce_path_style = false\nregion = default',
      'ceph',
      'https://rgw.lab:7480/',
      'default',
      'virtual',
    ],
  ])('%j', (lines, provider, endpoint, region, addressing) => {
    const [found] = rclone(`[r]\ntype = s3\naccess_key_id = A\nsecret_access_key = B\n${lines}`)
    expect(found).toMatchObject({ account: { provider, region, addressing } })
    expect((found as { account: { endpoint?: string } }).account.endpoint).toBe(endpoint)
  })

  it.each([
    ['env_auth = true\nprofile = work', { kind: 'profile', profile: 'work' }, []],
    ['env_auth = true', { kind: 'environment' }, []],
    ['', { kind: 'anonymous' }, []],
    ['env_auth = true\naccess_key_id = A\nsecret_access_key = B', { kind: 'static', accessKeyId: 'A' }, []],
    ['access_key_id = A', { kind: 'static', accessKeyId: 'A' }, ['secretAccessKey']],
    ['secret_access_key = B', { kind: 'static', accessKeyId: '' }, ['accessKeyId']],
  ])('signs in as rclone would with %j', (lines, credentials, missing) => {
    expect(rclone(`[r]\ntype = s3\nprovider = AWS\n${lines}`)).toMatchObject([{ account: { credentials }, missing }])
  })

  it('that stands on an S3 remote is listed with the reason why it is not imported; others are not', () => {
    const found = rclone(
      `[a]\ntype = s3\nprovider = AWS\n[pics]\ntype = alias\nremote = a:bucket/pics\n[safe]\ntype = crypt\nremote = a:vault\n` +
        `[dropbox]\ntype = dropbox\ntoken = {}\n[other]\ntype = crypt\nremote = dropbox:x`,
    )
    expect(found.map(({ name }) => name)).toEqual(['a', 'pics', 'safe'])
    expect(found[1]).toMatchObject({ reason: expect.stringContaining('Import “a” and add a drive') as string })
    expect(found[2]).toMatchObject({ reason: expect.stringContaining('encrypts the files') as string })
  })

  it.each([
    ['v2_auth = true', 'version 2'],
    ['region = other-v2-signature', 'version 2'],
    ['sse_customer_key = k', 'SSE-C'],
    ['endpoint = http://[', 'no web address'],
    ['provider = Ceph', 'names no endpoint'],
    ['env_auth = true\nshared_credentials_file = /x', 'credentials file'],
  ])('with %j is refused', (lines, reason) => {
    expect(rclone(`[r]\ntype = s3\n${lines}`)).toMatchObject([{ reason: expect.stringContaining(reason) as string }])
  })

  it('in an encrypted file is told as such', () => {
    expect(isEncryptedRclone('# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nb5Uk6zE3cUn6==\n')).toBe(
      true,
    )
    expect(isEncryptedRclone('[a]\ntype = s3\ncomment = RCLONE_ENCRYPT_V0: is not first\n')).toBe(false)
  })
})

describe('a profile of ~/.aws', () => {
  it('is referred to by its name, with the region and endpoint of the configuration', () => {
    const config = `[default]\nregion = eu-central-1\n[profile "lab one"]\nregion=us-west-2\nendpoint_url = http://lab:9000\ns3 =\n  addressing_style = path\n[sso-session corp]\nsso_region = eu-west-1\n[profile sso]\nsso_session = corp`
    const credentials = `[default]\naws_access_key_id = A\naws_secret_access_key = hush\n[old]\naws_secret_access_key = hush`
    const found = awsFound({ path: '/c', text: config }, { path: '/k', text: credentials })
    expect(JSON.stringify(found)).not.toContain('hush')
    expect(found).toMatchObject([
      { name: 'default', path: '/c', account: { name: 'AWS', region: 'eu-central-1', provider: 'aws' } },
      { name: 'old', path: '/k', account: { region: 'us-east-1', credentials: { kind: 'profile', profile: 'old' } } },
      { name: 'lab one', account: { endpoint: 'http://lab:9000', addressing: 'path', provider: 'other' } },
      { name: 'sso', account: { credentials: { kind: 'profile', profile: 'sso' } } },
    ])
  })
})

describe('a bookmark of Cyberduck or Mountain Duck', () => {
  const bookmark = (entries: Record<string, string>) =>
    cyberduckFound({
      path: '/b/0a1b.duck',
      text: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
${Object.entries(entries)
  .map(([key, value]) => `\t<key>${key}</key>\n\t<string>${value}</string>`)
  .join('\n')}
\t<key>Labels</key><array/><key>Custom</key><dict/>
</dict></plist>`,
    })[0]

  it('becomes an account whose secret key is missing, and a drive of its folder', () => {
    expect(
      bookmark({
        Protocol: 's3',
        Nickname: 'Studio &amp; co',
        Hostname: 's3.eu-west-1.amazonaws.com',
        Port: '443',
        Username: 'AKIA1',
        Path: '/photos/2026/raw',
      }),
    ).toEqual({
      source: 'cyberduck',
      path: '/b/0a1b.duck',
      name: 'Studio & co',
      account: {
        name: 'Studio & co',
        provider: 'aws',
        region: 'eu-west-1',
        addressing: 'virtual',
        credentials: { kind: 'static', accessKeyId: 'AKIA1' },
      },
      missing: ['secretAccessKey'],
      place: { bucket: 'photos', prefix: '2026/raw/' },
    })
  })

  it.each([
    [{ Hostname: 'photos.s3.amazonaws.com', Path: '/a' }, { place: { bucket: 'photos', prefix: 'a/' } }],
    [{ Hostname: 'minio.lab', Port: '9000' }, { account: { endpoint: 'https://minio.lab:9000', provider: 'other' } }],
    [{ Hostname: 'minio.lab', Port: '80' }, { account: { endpoint: 'http://minio.lab' } }],
    [
      { 'Default Hostname': 'rgw.lab', Scheme: 'http', 'Default Port': '7480' },
      { account: { endpoint: 'http://rgw.lab:7480' } },
    ],
    [{ Hostname: 'rgw.lab' }, { missing: ['accessKeyId', 'secretAccessKey'] }],
    [
      { Hostname: 'rgw.lab', Username: 'anonymous' },
      { missing: [], account: { credentials: { kind: 'anonymous' } } },
    ],
    [{ Hostname: 'x.lab', Protocol: 'sftp' }, { reason: 'It connects with sftp; CloudMount speaks S3.' }],
    [{}, { reason: 'It names no server.' }],
  ])('%j', (entries, expected) => {
    expect(bookmark({ Protocol: 's3', ...entries })).toMatchObject(expected)
  })

  it('that expands entities without end is not expanded', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Hostname</key><string>&b;</string></dict></plist>`
    const read = () => JSON.stringify(cyberduckFound({ path: '/b.duck', text: bomb }))
    let text = ''
    try {
      text = read()
    } catch {
      // Refusing the file is as good.
    }
    expect(text).not.toContain('aaaaaaaaaaaaaaaaaaaa')
  })
})

/** The real one, where it is installed: what it writes is what is read. */
const hasRclone = (() => {
  try {
    execFileSync('rclone', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

it.runIf(hasRclone)('what rclone itself writes is read, whatever stands in a secret key', () => {
  const path = `${tempFolder()}/rclone.conf`
  const secrets = ['a#b;c=d', '"quoted"', '/+==', 'ü%20 x', '[x]', "it's"]
  for (const [at, secret] of secrets.entries())
    execFileSync(
      'rclone',
      [
        'config',
        'create',
        `r${at}`,
        's3',
        'provider',
        'AWS',
        'access_key_id',
        'A',
        'secret_access_key',
        secret,
        '--non-interactive',
      ],
      {
        env: { ...process.env, RCLONE_CONFIG: path },
        stdio: 'ignore',
      },
    )
  const found = rcloneFound({ path, text: readFileSync(path, 'utf8') })
  expect(found.map((one) => ('secret' in one ? one.secret.secretAccessKey : undefined))).toEqual(secrets)
})
