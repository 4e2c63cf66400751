import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { awsProfiles, profileNames } from './aws-profiles.ts'
import { tempFolder } from './testing/temp-folder.ts'

it('names come from both files, once each, in order', async () => {
  const home = tempFolder()
  mkdirSync(join(home, '.aws'))
  writeFileSync(
    join(home, '.aws/config'),
    '[default]\nregion=x\n[profile work]\n[profile "my team"]\n[sso-session s]\n',
  )
  writeFileSync(join(home, '.aws/credentials'), '[work]\naws_secret_access_key = x\n[ alone ]\r\n# [commented]\n')
  expect(await awsProfiles({ homeDirectory: home, environment: {} })).toEqual(['alone', 'default', 'my team', 'work'])
})

it('files named by the environment are read instead', async () => {
  const home = tempFolder()
  const other = join(home, 'other')
  writeFileSync(other, '[elsewhere]\n')
  const environment = { AWS_SHARED_CREDENTIALS_FILE: other }
  expect(await awsProfiles({ homeDirectory: home, environment })).toEqual(['elsewhere'])
})

it('sections of config that are no profiles are no profiles', () => {
  expect(profileNames('[services s3]\n[sso-session a]\n[profile ]\n', 'config')).toEqual([])
})
