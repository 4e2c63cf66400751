import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { runFix } from './fix-run.ts'
import { readMachine } from './machine.ts'
import { mountingDesk } from './mounting-desk.ts'

const patience = { timeout: 10_000, interval: 10 }

/** A Debian without fusermount, whose pkexec is a script: what it is asked to run never runs on this computer. */
function debian(script: string) {
  const root = tempFolder()
  for (const folder of ['usr/bin', 'dev', 'etc']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'etc/os-release'), 'ID=debian\n')
  writeFileSync(join(root, 'dev/fuse'), '')
  writeFileSync(join(root, 'usr/bin/apt-get'), '')
  writeFileSync(join(root, 'usr/bin/pkexec'), `#!/bin/sh\nROOT='${root}'\n${script}\n`)
  chmodSync(join(root, 'usr/bin/pkexec'), 0o755)
  const mountable = vi.fn()
  const desk = mountingDesk({
    look: () => readMachine({ platform: 'linux', searchPath: '', root }),
    run: runFix,
    outputPath: join(root, 'output.log'),
    changed: () => {},
    mountable,
    log: () => {},
  })
  const settled = () => vi.waitFor(() => expect(desk.current().mountSetup.state).not.toBe('running'), patience)
  return { root, desk, mountable, settled }
}

describe('setting up', () => {
  it('runs what was shown, and looks again by itself', async () => {
    const { root, desk, mountable, settled } = debian('echo "$@" | tee "$ROOT/asked"; touch "$ROOT/usr/bin/fusermount"')
    const { mountBlocker } = desk.current()
    expect(mountBlocker?.missing).toEqual(['helper'])
    desk.setUp()
    await settled()
    expect(desk.current()).toEqual({ mountSetup: { state: 'idle' } })
    expect(mountable).toHaveBeenCalledOnce()
    const asked = readFileSync(join(root, 'asked'), 'utf8').trim()
    expect(mountBlocker?.fix).toMatchObject({ kind: 'run', command: `${join(root, 'usr/bin/pkexec')} ${asked}` })
  })

  it('is done once, however often it is asked for', async () => {
    const { root, desk, settled } = debian('echo once >> "$ROOT/asked"; sleep 0.3')
    desk.setUp()
    desk.setUp()
    await settled()
    expect(readFileSync(join(root, 'asked'), 'utf8')).toBe('once\n')
  })

  it('shows what it says while it runs', async () => {
    const { root, desk, settled } = debian('echo Reading package lists; while [ ! -e "$ROOT/go" ]; do sleep 0.05; done')
    desk.setUp()
    const output = 'Reading package lists\n'
    await vi.waitFor(() => expect(desk.current().mountSetup).toMatchObject({ state: 'running', output }), patience)
    writeFileSync(join(root, 'go'), '')
    await settled()
  })

  it('is cancelled while the system asks', async () => {
    const { root, desk, mountable, settled } = debian('sleep 60; touch "$ROOT/usr/bin/fusermount"')
    desk.setUp()
    await vi.waitFor(() => expect(desk.current().mountSetup).toMatchObject({ canCancel: true }), patience)
    desk.cancel()
    await settled()
    expect(desk.current().mountSetup).toEqual({ state: 'idle' })
    expect(mountable).not.toHaveBeenCalled()
    expect(existsSync(join(root, 'usr/bin/fusermount'))).toBe(false)
  })

  it('is not interrupted once the package manager works', async () => {
    const { root, desk, settled } = debian('export ROOT; exec sh -c \'while [ ! -e "$ROOT/go" ]; do sleep 0.05; done\'')
    desk.setUp()
    await vi.waitFor(() => expect(desk.current().mountSetup).toMatchObject({ canCancel: false }), patience)
    desk.cancel()
    expect(desk.current().mountSetup.state).toBe('running')
    writeFileSync(join(root, 'go'), '')
    await settled()
    // It came to its own end.
    expect(desk.current().mountSetup).toMatchObject({ state: 'failed', problem: { message: /still missing/ as never } })
  })

  it.each<[string, string, string]>([
    ['fails', 'echo "E: Unable to locate package"; exit 100', 'The system could not do it.'],
    ['is not allowed', 'exit 127', 'The system did not allow it to be run from here.'],
  ])('that %s says so, and how to do it by hand', async (_title, script, message) => {
    const { desk, settled } = debian(script)
    desk.setUp()
    await settled()
    const { mountSetup } = desk.current()
    expect(mountSetup).toMatchObject({ state: 'failed', problem: { message } })
    expect(JSON.stringify(mountSetup)).toContain('sudo apt-get install --yes fuse3')
  })

  it('that the person dismissed is as if it was never begun', async () => {
    const { desk, settled } = debian('exit 126')
    desk.setUp()
    await settled()
    expect(desk.current().mountSetup).toEqual({ state: 'idle' })
  })

  it('has nothing to run where everything is there meanwhile', () => {
    const { root, desk, mountable } = debian('exit 1')
    writeFileSync(join(root, 'usr/bin/fusermount'), '')
    expect(() => desk.setUp()).toThrow('nothing left')
    expect(desk.current().mountBlocker).toBeUndefined()
    expect(mountable).toHaveBeenCalledOnce()
  })
})
