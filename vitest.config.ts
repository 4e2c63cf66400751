import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const integration = ['**/*.integration.test.ts']
const conformance = ['**/*.conformance.test.ts']
const never = ['node_modules/**', 'out/**', 'e2e/**', 'release/**', '.electron-runtime/**']

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        plugins: [svelte({ configFile: false })],
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...never, ...integration, ...conformance],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          globalSetup: ['build/testing/gateway-setup.ts'],
          include: integration,
          exclude: never,
          // Mounts and servers wait more than they work; many of them at once would not be what any computer does.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: conformance,
          exclude: never,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
