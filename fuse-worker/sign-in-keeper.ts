/**
 * Keeps what signs for a running drive up to date: knows when the sign-in ends, has it looked at then, and tells when the files behind
 * it changed, which a new sign-in does. The drive goes on meanwhile, with what it has.
 */
import type { CredentialSource, Secret } from '../contracts/account.ts'
import type { SignIn } from '../contracts/drive.ts'
import type { Clock } from './runtime/clock.ts'
import type { AwsPlaces } from './s3/aws-files.ts'
import { watchProfiles, type ProfileWatch } from './s3/profile-watch.ts'
import { signInOf } from './s3/sign-in.ts'

/** A timer does not count the time a computer sleeps. */
const longestWaitMs = 30_000

export type SignInKeeperOptions = {
  clock: Clock
  places: AwsPlaces
  /** There may be other keys now. */
  renewed: () => void
  /** By what is known, they have just ended. */
  ended: () => void
  watchEveryMs?: number
}

export class SignInKeeper {
  readonly #options: SignInKeeperOptions
  #using: { source: CredentialSource; secret: Secret } | undefined
  #current: SignIn | undefined
  #watch: ProfileWatch | undefined
  #cancelLook: (() => void) | undefined

  constructor(options: SignInKeeperOptions) {
    this.#options = options
  }

  /** Undefined for keys that do not end, and until that was looked up. */
  get current(): SignIn | undefined {
    return this.#current
  }

  use(source: CredentialSource, secret: Secret): void {
    this.stop()
    this.#using = { source, secret }
    this.#current = undefined
    void this.#read()
    if (source.kind !== 'profile' && source.kind !== 'environment') return
    const { clock, places, renewed, watchEveryMs } = this.#options
    this.#watch = watchProfiles({
      places,
      clock,
      ...(watchEveryMs === undefined ? {} : { everyMs: watchEveryMs }),
      changed: () => {
        void this.#read()
        renewed()
      },
    })
  }

  stop(): void {
    this.#watch?.stop()
    this.#watch = undefined
    this.#cancelLook?.()
    this.#using = undefined
  }

  async #read(): Promise<void> {
    const using = this.#using
    if (using === undefined) return
    const found = await signInOf(using.source, using.secret, this.#options.places)
    if (using !== this.#using) return
    this.#current = found
    this.#lookAtEnd()
  }

  #lookAtEnd(): void {
    this.#cancelLook?.()
    const endsAt = this.#current?.endsAt
    if (endsAt === undefined) return
    const { clock, ended } = this.#options
    const leftMs = endsAt - clock.now()
    this.#cancelLook = clock.after(Math.max(0, Math.min(leftMs, longestWaitMs)), () =>
      leftMs <= longestWaitMs ? ended() : this.#lookAtEnd(),
    )
  }
}
