import { defineConfig } from '@playwright/test'
import { parallelDesktops } from '../../build/testing/own-desktop.ts'

/** `npm test window`: the window on its fake bridge, in Electron, checked and photographed. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results/window',
  globalSetup: './build-preview.ts',
  timeout: 120_000,
  workers: parallelDesktops,
  retries: 1,
  reporter: 'line',
})
