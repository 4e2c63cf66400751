import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { signInOf } from './sign-in.ts'

const end = '2026-11-21T14:05:00Z'
const endsAt = Date.parse(end)

function home(files: { config?: string; credentials?: string; tokens?: Record<string, unknown> }) {
  const homeDirectory = mkdtempSync(join(tmpdir(), 'cloudmount-aws-'))
  onTestFinished(() => rmSync(homeDirectory, { recursive: true }))
  mkdirSync(join(homeDirectory, '.aws/sso/cache'), { recursive: true })
  for (const name of ['config', 'credentials'] as const)
    if (files[name] !== undefined) writeFileSync(join(homeDirectory, '.aws', name), files[name])
  for (const [token, content] of Object.entries(files.tokens ?? {})) {
    const name = `${createHash('sha1').update(token).digest('hex')}.json`
    writeFileSync(join(homeDirectory, '.aws/sso/cache', name), JSON.stringify(content))
  }
  return { homeDirectory, environment: {} }
}
const profile = (name: string) => ({ kind: 'profile', profile: name }) as const

it('an SSO session ends when its token does, and is begun again by its own command', async () => {
  const places = home({
    config: '[profile my work]\nsso_session = corp\n[profile old]\nsso_start_url = https://corp.example/start\n',
    tokens: { corp: { expiresAt: end }, 'https://corp.example/start': { expiresAt: end } },
  })
  expect(await signInOf(profile('my work'), {}, places)).toEqual({
    command: "aws sso login --profile 'my work'",
    endsAt,
  })
  expect(await signInOf(profile('old'), {}, places)).toEqual({ command: 'aws sso login --profile old', endsAt })
})

it('names no end where the tools renew by themselves, or nobody has signed in yet', async () => {
  const config = '[profile a]\nsso_session = corp\n[profile b]\nlogin_session = arn:aws:iam::1:user/a\n'
  const renewing = home({ config, tokens: { corp: { expiresAt: end, refreshToken: 'r' } } })
  expect(await signInOf(profile('a'), {}, renewing)).toEqual({ command: 'aws sso login --profile a' })
  expect(await signInOf(profile('b'), {}, renewing)).toEqual({ command: 'aws login --profile b' })
  expect(await signInOf(profile('a'), {}, home({ config }))).toEqual({ command: 'aws sso login --profile a' })
})

it('a role ends with the profile it is assumed from, also where profiles lean on each other in a ring', async () => {
  const places = home({
    config: `[profile role]\nrole_arn = r\nsource_profile = base\n[profile base]\nrole_arn = s\nsource_profile = keys\n
[profile x]\nrole_arn = r\nsource_profile = y\n[profile y]\nrole_arn = r\nsource_profile = x\n`,
    credentials: `[keys]\naws_access_key_id = A\naws_session_token = T\nx_security_token_expires = ${end}\n`,
  })
  expect(await signInOf(profile('role'), {}, places)).toEqual({ endsAt })
  expect(await signInOf(profile('x'), {}, places)).toBeUndefined()
})

it('knows temporary keys from lasting ones', async () => {
  const places = home({ credentials: '[lasting]\naws_access_key_id = A\n[session]\naws_session_token = T\n' })
  expect(await signInOf(profile('lasting'), {}, places)).toBeUndefined()
  expect(await signInOf(profile('session'), {}, places)).toEqual({})
  const keys = { kind: 'static', accessKeyId: 'A' } as const
  expect(await signInOf(keys, { secretAccessKey: 's' }, places)).toBeUndefined()
  expect(await signInOf(keys, { secretAccessKey: 's', sessionToken: 'T' }, places)).toEqual({})
  expect(await signInOf({ kind: 'anonymous' }, {}, places)).toBeUndefined()
})

it('looks into the environment as the SDK does', async () => {
  const places = home({ credentials: `[work]\naws_session_token = T\naws_expiration = ${end}\n` })
  const of = (environment: Record<string, string>) => signInOf({ kind: 'environment' }, {}, { ...places, environment })
  expect(await of({ AWS_PROFILE: 'work' })).toEqual({ endsAt })
  expect(
    await of({ AWS_ACCESS_KEY_ID: 'A', AWS_SESSION_TOKEN: 'T', AWS_CREDENTIAL_EXPIRATION: end, AWS_PROFILE: 'work' }),
  ).toEqual({ endsAt })
  expect(await of({ AWS_ACCESS_KEY_ID: 'A' })).toBeUndefined()
})
