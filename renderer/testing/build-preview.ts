import path from 'node:path'
import { build } from 'vite'

/** The window on its fake bridge, built once for all tests. */
// Playwright asks for a default export.
// eslint-disable-next-line no-restricted-syntax
export default async function buildPreview(): Promise<void> {
  await build({ configFile: path.join(import.meta.dirname, 'vite.config.ts'), logLevel: 'warn' })
}
