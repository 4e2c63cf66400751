/** What the window asks of the key file, and what follows from it for the drives. */
import type { KeyFile } from './key-file.ts'

export type KeyDesk = Pick<KeyFile, 'create' | 'unlock' | 'changePassphrase' | 'forget'>

export function keyDesk(options: {
  keyFile: KeyDesk
  /** Its state may be another one. */
  changed: () => void
  /** Its keys can be had now. */
  unlocked: () => void
}): KeyDesk {
  const { keyFile, changed, unlocked } = options
  return {
    create: (passphrase) => keyFile.create(passphrase).finally(changed),
    async unlock(passphrase) {
      await keyFile.unlock(passphrase).finally(changed)
      unlocked()
    },
    changePassphrase: (passphrase, next) => keyFile.changePassphrase(passphrase, next).finally(changed),
    forget() {
      keyFile.forget()
      changed()
    },
  }
}
