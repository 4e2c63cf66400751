import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { contentPolicy, pageResponse } from './page-protocol.ts'
import { tempFolder } from './testing/temp-folder.ts'

vi.mock('electron', () => ({ protocol: {} }))

function pages() {
  const folder = tempFolder()
  mkdirSync(join(folder, 'renderer'))
  writeFileSync(join(folder, 'renderer/index.html'), '<p>ours')
  writeFileSync(join(folder, 'renderer/secret.pem'), 'no')
  writeFileSync(join(folder, 'outside.html'), 'no')
  return join(folder, 'renderer')
}

it('serves our page with its type and the strict content policy', async () => {
  const response = await pageResponse({ method: 'GET', url: 'cloudmount://window/index.html?x#y' }, pages())
  expect(await response.text()).toBe('<p>ours')
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(response.headers.get('content-security-policy')).toBe(contentPolicy)
  expect(contentPolicy).not.toMatch(/script-src[^;]*unsafe/)
})

it.each([
  ['GET', 'cloudmount://window/../outside.html'],
  ['GET', 'cloudmount://window/..%2Foutside.html'],
  ['GET', 'cloudmount://window/%2e%2e/%2e%2e/etc/passwd.html'],
  ['GET', 'cloudmount://window/secret.pem'],
  ['GET', 'cloudmount://window/missing.js'],
  ['GET', 'cloudmount://window/'],
  ['GET', 'cloudmount://window/%00.html'],
  ['GET', 'cloudmount://window/%zz.html'],
  ['GET', 'cloudmount://other/index.html'],
  ['POST', 'cloudmount://window/index.html'],
])('%s %s is not found', async (method, url) => {
  expect((await pageResponse({ method, url }, pages())).status).toBe(404)
})
