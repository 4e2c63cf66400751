/**
 * Notices that this machine's network has changed (a cable, another Wi-Fi, a VPN), by looking at its interfaces once a second, and only
 * while somebody wants to know. Node has no event for it.
 */
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Clock } from './clock.ts'

const intervalMs = 1_000

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/** The same text for the same network: every address that leads out of this machine. */
export function networkSignature(interfaces: Interfaces): string {
  const addresses = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? []).filter(({ internal }) => !internal).map(({ cidr, address }) => `${name} ${cidr ?? address}`),
  )
  return addresses.sort().join('\n')
}

export class NetworkWatch {
  readonly #clock: Clock
  readonly #read: () => Interfaces
  readonly #onChange: () => void
  #cancel: (() => void) | undefined

  constructor(options: { clock: Clock; onChange: () => void; read?: () => Interfaces }) {
    this.#clock = options.clock
    this.#onChange = options.onChange
    this.#read = options.read ?? networkInterfaces
  }

  start(): void {
    if (this.#cancel === undefined) this.#lookLater(networkSignature(this.#read()))
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #lookLater(before: string): void {
    this.#cancel = this.#clock.after(intervalMs, () => {
      const now = networkSignature(this.#read())
      this.#lookLater(now)
      if (now !== before) this.#onChange()
    })
  }
}
