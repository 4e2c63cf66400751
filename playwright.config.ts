import { defineConfig } from '@playwright/test'
import { parallelDesktops } from './build/testing/own-desktop.ts'

export default defineConfig({
  testDir: 'e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: parallelDesktops,
  retries: 1,
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
  outputDir: 'test-results/e2e',
  use: { trace: 'retain-on-failure' },
})
