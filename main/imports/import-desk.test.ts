import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testApplication } from '../testing/application.ts'
import { importDesk } from './import-desk.ts'
import { readChosen, readUsualPlaces } from './sources.ts'

const rcloneConf = `
[lab]
type = s3
provider = Minio
endpoint = http://lab.example:9000
access_key_id = AKLAB
secret_access_key = top-s3cret
[work]
type = s3
provider = Minio
endpoint = http://127.0.0.1:9000
access_key_id = AKIDEXAMPLE
secret_access_key = w0rk-s3cret
`
const duck = (path: string) => `<plist version="1.0"><dict>
<key>Protocol</key><string>s3</string><key>Nickname</key><string>Work</string><key>Hostname</key><string>duck.example</string>
<key>Username</key><string>AKDUCK</string><key>Path</key><string>${path}</string></dict></plist>`

function machine(files: Record<string, string>) {
  const application = testApplication()
  const { places } = application
  for (const [name, text] of Object.entries(files)) {
    const path = join(places.homeDirectory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const { homeDirectory } = places
  const desk = importDesk({
    ...application,
    read: (path) => (path === undefined ? readUsualPlaces({ homeDirectory, environment: {} }) : readChosen(path)),
  })
  return { ...application, desk, homeDirectory }
}

const everything = {
  '.aws/config': '[profile studio]\nregion = eu-west-1',
  '.config/rclone/rclone.conf': rcloneConf,
  '.duck/bookmarks/a.duck': duck('/photos/raw'),
}

describe('what other programs know', () => {
  it('is found without saving anything, and without a secret in what the window is told', async () => {
    const { desk, written } = machine(everything)
    const { candidates, problems } = await desk.find(undefined)
    expect(candidates.map(({ source, name }) => [source, name])).toEqual([
      ['aws', 'studio'],
      ['rclone', 'lab'],
      ['rclone', 'work'],
      ['cyberduck', 'Work'],
    ])
    expect(JSON.stringify([candidates, problems])).not.toMatch(/s3cret/)
    expect(candidates[3]?.becomes).toMatchObject({ missing: ['secretAccessKey'], place: { bucket: 'photos' } })
    expect(candidates[2]?.becomes).toMatchObject({ existing: { name: 'Work', hasDrive: true } })
    expect(candidates[1]?.becomes).not.toHaveProperty('existing')
    expect(written).toEqual([])
  })

  it('is taken over as chosen: secrets into the keychain, names made unique, a drive for a named folder', async () => {
    const { desk, store, entries, homeDirectory } = machine(everything)
    const { candidates } = await desk.find(undefined)
    const [studio, lab, , bookmark] = candidates.map(({ id }) => id) as [string, string, string, string]
    const outcomes = await desk.apply({
      choices: [
        { id: studio, addsDrive: true },
        { id: lab, addsDrive: false },
        { id: bookmark, addsDrive: true, secret: { secretAccessKey: 'typed' } },
      ],
    })
    expect(outcomes).toEqual([
      { id: studio, accountName: 'studio' },
      { id: lab, accountName: 'lab' },
      { id: bookmark, accountName: 'Work 2', driveName: 'raw' },
    ])
    const byName = new Map(store.accounts().map(({ account }) => [account.name, account]))
    expect(byName.get('studio')?.credentials).toEqual({ kind: 'profile', profile: 'studio' })
    expect(entries.get(`account:${byName.get('lab')?.id}`)).toBe('{"secretAccessKey":"top-s3cret"}')
    expect(entries.get(`account:${byName.get('Work 2')?.id}`)).toBe('{"secretAccessKey":"typed"}')
    expect(store.drives()).toMatchObject([
      { drive: { bucket: 'photos', prefix: 'raw/', mountpoint: join(homeDirectory, 'CloudMount', 'raw') } },
    ])
    const again = await desk.find(undefined)
    expect(again.candidates.map(({ becomes }) => 'existing' in becomes && becomes.existing?.hasDrive)).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  it('a second folder of an account that is here becomes a drive of it, under a name of its own', async () => {
    const { desk, store } = machine({
      '.duck/bookmarks/a.duck': duck('/photos/raw'),
      '.duck/bookmarks/b.duck': duck('/films/raw'),
    })
    const { candidates } = await desk.find(undefined)
    const secret = { secretAccessKey: 'typed' }
    await desk.apply({ choices: candidates.map(({ id }) => ({ id, addsDrive: true, secret })) })
    expect(store.accounts()).toHaveLength(2)
    expect(store.drives().map(({ drive }) => [drive.name, drive.bucket])).toEqual([
      ['raw', 'photos'],
      ['raw 2', 'films'],
    ])
  })

  it('one that fails leaves the others alone', async () => {
    const { desk, store } = machine(everything)
    const { candidates } = await desk.find(undefined)
    const [studio, , , bookmark] = candidates.map(({ id }) => id) as [string, string, string, string]
    const outcomes = await desk.apply({
      choices: [
        { id: bookmark, addsDrive: false },
        { id: 'gone', addsDrive: false },
        { id: studio, addsDrive: false },
      ],
    })
    expect(outcomes.map(({ problem }) => problem?.code)).toEqual(['invalid-input', 'not-found', undefined])
    expect(store.accounts().map(({ account }) => account.name)).toEqual(['Work', 'studio'])
  })

  it('an encrypted rclone.conf says what to do, in the usual place and chosen', async () => {
    const { desk, homeDirectory } = machine({ '.rclone.conf': '# Encrypted\n\nRCLONE_ENCRYPT_V0:\nabc\n' })
    for (const path of [undefined, join(homeDirectory, '.rclone.conf')]) {
      const { candidates, problems } = await desk.find(path)
      expect(candidates).toEqual([])
      expect(problems).toMatchObject([{ remedy: expect.stringContaining('rclone config encryption remove') as string }])
    }
  })

  it('a file that is something else, or not there, is said by its name', async () => {
    const { desk, homeDirectory } = machine({ 'a.duck': '<plist><dict><key>Protocol</key>', 'b.txt': 'hello' })
    for (const name of ['a.duck', 'b.txt', 'none'])
      expect((await desk.find(join(homeDirectory, name))).problems).toMatchObject([
        { message: expect.stringContaining(name) as string },
      ])
  })
})
