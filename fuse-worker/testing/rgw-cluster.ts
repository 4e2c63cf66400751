/**
 * The processes of a throw-away Ceph: configuration, monitor, one storage daemon, gateway. State is one temporary folder;
 * only processes started here are ended, by the handles they were started with.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian keeps daemons where a user's PATH does not look. */
const ENVIRONMENT = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }

const READY_MS = 90_000
const POLL_MS = 50

export type Ports = { monitor: number; storage: number; gateway: number }

export class RgwCluster {
  readonly directory: string
  readonly ports: Ports
  readonly #configuration: string
  readonly #children: { name: string; child: ChildProcess }[] = []
  readonly #killAll = (): void => {
    for (const { child } of this.#children) child.kill('SIGKILL')
  }

  constructor(directory: string, ports: Ports) {
    this.directory = directory
    this.ports = ports
    this.#configuration = join(directory, 'ceph.conf')
    // A test run that dies early leaves no daemons behind.
    process.once('exit', this.#killAll)
  }

  /** Writes configuration and keys, and makes the monitor's and the storage daemon's stores. */
  async prepare(): Promise<void> {
    for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(join(this.directory, name))
    const clusterId = randomUUID()
    await writeFile(this.#configuration, configuration(this.directory, this.ports, clusterId))
    const keyring = join(this.directory, 'keyring')
    await this.command('ceph-authtool', [
      '--create-keyring',
      keyring,
      '--gen-key',
      '-n',
      'mon.',
      '--cap',
      'mon',
      'allow *',
    ])
    const capabilities = ['mon', 'osd', 'mgr'].flatMap((daemon) => ['--cap', daemon, 'allow *'])
    for (const entity of ['client.admin', 'client.rgw', 'osd.0']) {
      await this.command('ceph-authtool', [keyring, '--gen-key', '-n', entity, ...capabilities])
    }
    const map = join(this.directory, 'monmap')
    const address = `[v2:127.0.0.1:${this.ports.monitor}]`
    await this.command('monmaptool', ['--create', '--fsid', clusterId, '--addv', 'a', address, '--clobber', map])
    await this.command('ceph-mon', [
      '-c',
      this.#configuration,
      '-i',
      'a',
      '--mkfs',
      '--monmap',
      map,
      '--keyring',
      keyring,
    ])
  }

  async startStorage(): Promise<void> {
    this.#spawn('ceph-mon', ['-i', 'a'])
    await this.#until('the monitor to answer', () =>
      this.ceph(['--connect-timeout', '2', 'mon', 'stat']).then(() => true),
    )
    const osdId = randomUUID()
    await this.ceph(['osd', 'new', osdId, '0'])
    await this.command('ceph-osd', ['-c', this.#configuration, '-i', '0', '--mkfs', '--osd-uuid', osdId])
    this.#spawn('ceph-osd', ['-i', '0'])
    await this.#until('the storage daemon to be up', async () => (await this.ceph(['osd', 'stat'])).includes('1 up'))
  }

  async startGateway(): Promise<void> {
    this.#spawn('radosgw', ['-n', 'client.rgw'])
    await this.#until('the gateway to answer', async () => (await fetch(`http://127.0.0.1:${this.ports.gateway}/`)).ok)
  }

  /** radosgw-admin; before the gateway starts, its first call makes the default zone. */
  admin(args: readonly string[]): Promise<string> {
    const common = ['-c', this.#configuration, '-n', 'client.rgw', '--debug-rgw=0', '--admin-socket=']
    return this.command('radosgw-admin', [...common, ...args])
  }

  ceph(args: readonly string[]): Promise<string> {
    return this.command('ceph', ['-c', this.#configuration, ...args])
  }

  async command(program: string, args: readonly string[]): Promise<string> {
    const { stdout } = await run(program, args, { env: { ...ENVIRONMENT, CEPH_CONF: this.#configuration } })
    return stdout
  }

  /** The gateway first, the monitor last. */
  async stop(): Promise<void> {
    process.off('exit', this.#killAll)
    for (const { child } of this.#children.reverse()) await end(child)
    this.#children.length = 0
  }

  #spawn(program: string, args: readonly string[]): void {
    const log = openSync(join(this.directory, 'log', `${program}.out`), 'w')
    const child = spawn(program, [...args, '-c', this.#configuration, '-f'], {
      env: ENVIRONMENT,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    // A program that cannot be started shows as one that has ended.
    child.once('error', () => undefined)
    this.#children.push({ name: program, child })
  }

  async #until(what: string, isReady: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + READY_MS
    while (!(await isReady().catch(() => false))) {
      const dead = this.#children.find(({ child }) => child.exitCode !== null || child.signalCode !== null)
      if (dead) throw new Error(`${dead.name} ended early: ${await this.#lastLines(dead.name)}`)
      if (Date.now() > deadline) throw new Error(`waited ${READY_MS / 1000} s for ${what}`)
      await delay(POLL_MS)
    }
  }

  async #lastLines(program: string): Promise<string> {
    const text = await readFile(join(this.directory, 'log', `${program}.out`), 'utf8').catch(() => '')
    return text.trim().split('\n').slice(-5).join(' | ')
  }
}

/** Without ceremony: nothing here outlives the test, and an orderly end takes Ceph five seconds. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all([listenAnywhere(), listenAnywhere(), listenAnywhere()])
  const [monitor, storage, gateway] = servers.map(({ port }) => port) as [number, number, number]
  await Promise.all(servers.map(({ close }) => close()))
  return { monitor, storage, gateway }
}

function listenAnywhere(): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) })
    })
  })
}

function configuration(directory: string, ports: Ports, clusterId: string): string {
  // The storage daemon takes several ports from its first on. tcp_nodelay: without it every small GET takes 40 ms.
  const sections: Record<string, Record<string, string | number>> = {
    global: {
      fsid: clusterId,
      'run dir': join(directory, 'run'),
      'log file': `${directory}/log/$name.log`,
      'admin socket': `${directory}/run/$name.asok`,
      'pid file': '',
      'crash dir': join(directory, 'log'),
      keyring: join(directory, 'keyring'),
      'mon host': `[v2:127.0.0.1:${ports.monitor}]`,
      'public addr': '127.0.0.1',
      'cluster addr': '127.0.0.1',
      'ms bind msgr1': 'false',
      'ms bind port min': ports.storage,
      'ms bind port max': Math.min(ports.storage + 100, 65_535),
      'auth allow insecure global id reclaim': 'false',
      'osd pool default size': 1,
      'osd pool default min size': 1,
      'osd pool default pg num': 4,
      'osd pool default pgp num': 4,
      'osd pool default pg autoscale mode': 'off',
      'osd crush chooseleaf type': 0,
      'mon allow pool size one': 'true',
      'mon max pg per osd': 1000,
      'mon data avail warn': 1,
      'mon data avail crit': 1,
    },
    mon: {
      'mon data': join(directory, 'mon'),
      'mon cluster log file': join(directory, 'log', 'cluster.log'),
      'paxos propose interval': 0.05,
      'paxos min wait': 0.01,
    },
    osd: {
      'osd data': join(directory, 'osd'),
      'osd objectstore': 'memstore',
      'memstore device bytes': '8G',
      'memstore page set': 'false',
      'osd class update on start': 'true',
      'osd max object size': '256M',
    },
    client: {
      'rgw data': join(directory, 'rgw'),
      'rgw frontends': `beast endpoint=127.0.0.1:${ports.gateway} tcp_nodelay=1`,
      'rgw thread pool size': 64,
      'rgw dynamic resharding': 'false',
      'rgw enable usage log': 'false',
      'rgw crypt require ssl': 'false',
      'rgw run sync thread': 'false',
      'rgw dns name': 'localhost',
    },
  }
  return Object.entries(sections)
    .map(([name, entries]) => {
      const lines = Object.entries(entries).map(([key, value]) => `${key} = ${value}\n`)
      return `[${name}]\n${lines.join('')}`
    })
    .join('')
}
