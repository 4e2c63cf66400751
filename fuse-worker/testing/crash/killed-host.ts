/**
 * The command line's own host with its worker, on a real mount, to be killed. Everything here is asynchronous: the server that answers
 * the drive lives in the process of the test.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ensureBundles } from '../../../build/bundle.mjs'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const mountDeadlineMs = 60_000

export type HostOptions = {
  endpoint: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  mountpoint: string
  cacheDirectory: string
  /** Where the command keeps its list of mounts. */
  home: string
}

export class KilledHost {
  readonly #options: HostOptions
  readonly #child: ChildProcess
  #output = ''

  private constructor(options: HostOptions) {
    this.#options = options
    const { mountpoint, cacheDirectory, endpoint, bucket, accessKeyId, secretAccessKey, home } = options
    const words = ['mount', `s3://${bucket}`, mountpoint, '--endpoint', endpoint, '--cache', cacheDirectory]
    this.#child = spawn(process.execPath, [`${root}out/cli/cli.cjs`, ...words, '--foreground'], {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        HOME: home,
        XDG_RUNTIME_DIR: home,
        XDG_STATE_HOME: home,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child.stderr?.on('data', (data: Buffer) => (this.#output += data.toString()))
  }

  /** `after` is the worker that a killed host left behind. */
  static async start(options: HostOptions, after?: number): Promise<KilledHost> {
    await ensureBundles(root, ['worker', 'cli'], () => undefined)
    const host = new KilledHost(options)
    await host.mounted(after)
    return host
  }

  get output(): string {
    return this.#output
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /**
   * Resolves when the folder shows a drive that answers, and the worker `after` is gone: one that outlives its host answers as
   * well, until it leaves an empty folder in the place of its drive.
   */
  async mounted(after?: number): Promise<void> {
    const giveUpAtMs = Date.now() + mountDeadlineMs
    for (;;) {
      if (!this.isAlive) throw new Error(`the host ended: ${this.#output}`)
      const isOver = after === undefined || !(await isRunning(after))
      if (isOver && (await this.worker()) !== undefined && (await isMounted(this.#options.mountpoint))) return
      if (Date.now() > giveUpAtMs) throw new Error(`not mounted: ${this.#output}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /**
   * What is found on the drive. Looked at again when the drive went away meanwhile, as one does whose worker a busy machine kept from
   * answering: what was seen then is the folder below it.
   */
  async onDrive<T>(look: () => Promise<T>): Promise<T> {
    for (;;) {
      const worker = await this.worker()
      const [outcome] = await Promise.allSettled([look()])
      const isSame = worker !== undefined && worker === (await this.worker())
      if (isSame && (await isMounted(this.#options.mountpoint))) {
        if (outcome.status === 'rejected') throw outcome.reason
        return outcome.value
      }
      await this.mounted()
    }
  }

  async worker(): Promise<number | undefined> {
    const { pid } = this.#child
    if (pid === undefined) return undefined
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    const first = text.trim().split(' ')[0]
    return first === undefined || first === '' ? undefined : Number(first)
  }

  async killWorker(): Promise<number | undefined> {
    const worker = await this.worker()
    if (worker !== undefined) killNow(worker)
    return worker
  }

  /** The worker, which is returned, outlives it for a while, detaches the mount and uploads what it can. */
  async killHost(): Promise<number | undefined> {
    const worker = await this.worker()
    this.#child.kill('SIGKILL')
    if (this.isAlive) await once(this.#child, 'exit')
    return worker
  }

  /** Waits until everything is in the bucket; returns the exit code. */
  async unmount(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    if (this.isAlive) await once(this.#child, 'exit')
    return this.#child.exitCode
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** False for one that is dead and that nobody has asked about yet. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !stat.slice(stat.lastIndexOf(')')).startsWith(') Z')
}

/** A mount whose process is dead stands in the table as well, but answers nothing. */
async function isMounted(mountpoint: string): Promise<boolean> {
  if (!(await readFile('/proc/mounts', 'utf8')).includes(` ${mountpoint} fuse`)) return false
  return readdir(mountpoint).then(
    () => true,
    () => false,
  )
}
