/** After this the names in a directory survive power loss: a file's own sync does not promise that of its name. */
import { closeSync, fsyncSync, openSync } from 'node:fs'

export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
