import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDemoServer } from '../demo-server/server.ts'
import { keychainAccount, keychainService, storeName, storeSchema } from '../main/store-file.ts'
import { secretSchema } from '../contracts/account.ts'
import { stampFiles } from './bundle.mjs'
import * as seed from './demo-seed.mjs'
import { hasDisplay } from './desktop.mjs'
import { nativePaths, patchStamp } from './native.mjs'
import { isInstallCurrent } from './npm-packages.mjs'
import { s3Client } from './s3-client.mjs'
import { afterRetry, countPlaywright, countVitest, judged, sum, summaryLine } from './suites.mjs'
import { aptPrefix, chooseNames, missingNeeds, needs, parseInstalled } from './system-packages.mjs'

describe('system packages', () => {
  test('counts only packages that are installed and whole', () => {
    const output = 'gcc ii \nmake rc \nxvfb un \nlibgtk-3-0t64 ii \n'
    expect([...parseInstalled(output)]).toEqual(['gcc', 'libgtk-3-0t64'])
  })

  test('is content with any of the names a library has had', () => {
    const wanted = [['libgtk-3-0t64', 'libgtk-3-0'], ['make']]
    expect(missingNeeds(wanted, new Set(['libgtk-3-0', 'make']))).toEqual([])
    expect(missingNeeds(wanted, new Set(['make']))).toEqual([['libgtk-3-0t64', 'libgtk-3-0']])
  })

  test('installs the first name that is offered, and says what no archive has', () => {
    const offered = new Set(['libgtk-3-0', 'make'])
    const missing = [['libgtk-3-0t64', 'libgtk-3-0'], ['make'], ['nothing-like-it', 'nor-this']]
    expect(chooseNames(missing, (name: string) => offered.has(name))).toEqual({
      install: ['libgtk-3-0', 'make'],
      unknown: ['nothing-like-it'],
    })
  })

  test.each([
    [{ isRoot: true, hasSudo: false, isInteractive: false }, []],
    [{ isRoot: false, hasSudo: true, isInteractive: true }, ['sudo']],
    [{ isRoot: false, hasSudo: true, isInteractive: false }, ['sudo', '-n']],
    [{ isRoot: false, hasSudo: false, isInteractive: true }, undefined],
  ])('may install %j with %j', (person, prefix) => {
    expect(aptPrefix(person)).toEqual(prefix)
  })

  test('every command can compile the addon', () => {
    for (const [command, list] of Object.entries(needs))
      expect([command, list.flat()]).toEqual([command, expect.arrayContaining(['patch', 'libfuse-dev'])])
  })
})

describe('npm packages', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b-darwin': { version: '2.0.0', optional: true },
    },
  }

  test('are current when each has the version of the lock file; those of other platforms may be missing', () => {
    expect(isInstallCurrent(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true)
  })

  test('are not current when one is missing or another version', () => {
    expect(isInstallCurrent(lock, { packages: {} })).toBe(false)
    expect(isInstallCurrent(lock, { packages: { 'node_modules/a': { version: '1.0.1' } } })).toBe(false)
  })
})

describe('stamps', () => {
  test('notice a changed patch and another kind of machine', () => {
    expect(patchStamp('a', 'linux', 'x64')).not.toBe(patchStamp('b', 'linux', 'x64'))
    expect(patchStamp('a', 'linux', 'x64')).not.toBe(patchStamp('a', 'linux', 'arm64'))
    expect(nativePaths('/p').marker).toBe(path.join('/p', 'node_modules/@cocalc/fuse-native/.cloudmount-patch'))
  })

  test('notice a file that is new, gone, longer or newer, in any order', () => {
    const a: [string, { size: number; mtimeMs: number }] = ['a', { size: 1, mtimeMs: 1 }]
    const b: [string, { size: number; mtimeMs: number }] = ['b', { size: 2, mtimeMs: 2 }]
    expect(stampFiles([a, b])).toBe(stampFiles([b, a]))
    expect(stampFiles([a, b])).not.toBe(stampFiles([a]))
    expect(stampFiles([a])).not.toBe(stampFiles([['a', { size: 2, mtimeMs: 1 }]]))
    expect(stampFiles([a])).not.toBe(stampFiles([['a', { size: 1, mtimeMs: 2 }]]))
  })
})

describe('counting tests', () => {
  test('a file that does not load is a failure, and every failure is named in a line', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 0,
      testResults: [
        { name: '/p/broken.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
        {
          name: '/p/sums.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'failed', fullName: 'sums adds', failureMessages: ['\u001b[31mexpected 1\u001b[39m\nto be 2'] },
            { status: 'passed', fullName: 'sums takes away' },
          ],
        },
      ],
    }
    expect(countVitest(report)).toEqual({
      passed: 3,
      failed: 2,
      skipped: 2,
      failures: [
        { file: '/p/broken.test.ts', name: 'did not load', message: 'no such module' },
        { file: '/p/sums.test.ts', name: 'sums adds', message: 'expected 1' },
      ],
    })
  })

  test('a browser run that could not begin is a failure', () => {
    const stats = { expected: 4, unexpected: 1, flaky: 1, skipped: 1 }
    const failed = {
      file: 'a.spec.ts',
      title: 'opens',
      ok: false,
      tests: [{ results: [{ error: { message: 'no' } }] }],
    }
    const late = [{ status: 'flaky', results: [{ error: { message: 'late' } }, {}] }]
    const unsteady = { file: 'b.spec.ts', title: 'closes', ok: true, tests: late }
    const suites = [{ specs: [unsteady], suites: [{ specs: [failed] }] }]
    expect(countPlaywright({ stats, suites, errors: [{}] })).toEqual({
      passed: 5,
      failed: 2,
      skipped: 1,
      failures: [{ file: 'a.spec.ts', name: 'opens', message: 'no' }],
      unsteady: [{ file: 'b.spec.ts', name: 'closes', message: 'late' }],
    })
  })

  test('a command that failed with every test passed has failed', () => {
    expect(judged({ passed: 2, failed: 0, skipped: 0 }, 1)).toEqual({
      passed: 2,
      failed: 1,
      skipped: 0,
      failures: [{ file: 'suite', name: 'ended with code 1 although every test passed', message: '' }],
    })
    expect(judged({ passed: 2, failed: 0, skipped: 0 }, 0)).toMatchObject({ failed: 0 })
  })

  test('a test that passes when its file is run once more is unsteady, and one that fails then has failed', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ file: 'f', name, message: '' }))
    const first = { passed: 8, failed: 2, skipped: 1, failures: [a, b] }
    const second = { passed: 3, failed: 2, skipped: 0, failures: [b, c] }
    expect(afterRetry(first, second)).toEqual({ passed: 8, failed: 2, skipped: 1, failures: [b, c], unsteady: [a] })
  })

  test('adds up', () => {
    const total = sum([
      { passed: 1, failed: 0, skipped: 1 },
      { passed: 2, failed: 3, skipped: 0 },
    ])
    expect(summaryLine(total)).toBe('3 passed, 3 failed')
  })
})

test.each([
  [{ DISPLAY: ':1' }, 'linux', true],
  [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
  [{ DISPLAY: '' }, 'linux', false],
  [{}, 'linux', false],
  [{}, 'darwin', true],
] as const)('a display: %j on %s is %s', (environment, platform, expected) => {
  expect(hasDisplay(environment as NodeJS.ProcessEnv, platform)).toBe(expected)
})

describe('the demo', () => {
  test('writes what main reads', () => {
    const store = seed.demoStore({ endpoint: 'http://127.0.0.1:9', accessKeyId: 'demo', mountpoint: '/tmp/demo' })
    expect(storeSchema.parse(store)).toEqual(store)
    expect(secretSchema.parse(JSON.parse(seed.demoSecret('s')))).toEqual({ secretAccessKey: 's' })
    expect(seed.storeFileName).toBe(`${storeName}.json`)
    expect(seed.keychainService).toBe(keychainService)
    expect(seed.keychainAccount).toBe(keychainAccount('demo'))
  })

  test('has an S3 client of its own that signs rightly and notices refusals', async () => {
    const keys = { accessKeyId: 'key', secretAccessKey: 'secret' }
    const server = await startDemoServer({ users: [{ ...keys, policy: 'full' }], buckets: [{ name: 'bucket' }] })
    try {
      const client = s3Client({ endpoint: server.endpoint, ...keys })
      await client.put('bucket', "odd name (1)/it's +ü.txt", Buffer.from('bytes'))
      expect(String(await client.get('bucket', "odd name (1)/it's +ü.txt"))).toBe('bytes')
      expect(await client.get('bucket', 'absent')).toBeUndefined()
      const stranger = s3Client({ endpoint: server.endpoint, ...keys, secretAccessKey: 'wrong' })
      await expect(stranger.get('bucket', 'absent')).rejects.toThrow('403')
    } finally {
      await server.stop()
    }
  })
})
