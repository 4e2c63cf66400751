import { defineConfig } from '@playwright/test'

const port = 4387

/** `npx playwright test -c renderer/testing`: the window on its fake bridge, in a browser, checked and photographed. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results/window',
  workers: 1,
  reporter: 'line',
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1040, height: 720 },
    launchOptions: {
      executablePath: process.env['CLOUDMOUNT_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    },
  },
  webServer: {
    command: `npx vite build -c vite.config.ts && npx vite preview -c vite.config.ts --host 127.0.0.1 --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/testing/preview.html`,
    timeout: 60_000,
  },
})
