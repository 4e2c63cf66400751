/** What Vite builds, from where, to where. Everything but the window is CommonJS: the oldest Electron in use has no ESM. */
import { builtinModules } from 'node:module'
import path from 'node:path'
import { windowPlugins } from './window-plugins.mjs'

/** Compiled packages cannot be bundled, and Electron is there at run time. */
const external = ['electron', '@cocalc/fuse-native', '@photostructure/sqlite', 'keytar']
const node = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)]

/** How long plugins took is of no use to somebody who starts the app. */
const quiet = { pluginTimings: false }

/** `reads`: the folders whose files go into it, so that it is built again when one of them changes. */
export const targets = {
  main: { entry: 'main/index.ts', output: 'main/main.cjs', reads: ['contracts', 'language', 'main'] },
  preload: { entry: 'preload/index.ts', output: 'preload/preload.cjs', reads: ['contracts', 'preload'] },
  worker: {
    entry: 'fuse-worker/index.ts',
    output: 'worker/worker.cjs',
    reads: ['contracts', 'fuse-worker', 'language'],
  },
  cli: { entry: 'cli/index.ts', output: 'cli/cli.cjs', reads: ['contracts', 'language', 'fuse-worker', 'cli'] },
  'demo-server': { entry: 'demo-server/main.ts', output: 'demo-server/main.cjs', reads: ['contracts', 'demo-server'] },
  'fault-proxy': {
    entry: 'fuse-worker/testing/fault-proxy/main.ts',
    output: 'fault-proxy/main.cjs',
    reads: ['fuse-worker/testing/fault-proxy'],
  },
  renderer: {
    entry: 'renderer/index.html',
    output: 'renderer/index.html',
    reads: ['contracts', 'language', 'renderer'],
  },
}

export function viteConfigFor(name, root) {
  return name === 'renderer' ? rendererConfig(root) : nodeConfig(targets[name], root)
}

function nodeConfig({ entry, output }, root) {
  return {
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external },
    build: {
      ssr: true,
      target: 'node18',
      outDir: path.join(root, 'out', path.dirname(output)),
      emptyOutDir: true,
      sourcemap: true,
      minify: false,
      rolldownOptions: {
        checks: quiet,
        input: path.join(root, entry),
        external: [...external, ...node],
        output: { format: 'cjs', entryFileNames: path.basename(output), chunkFileNames: 'chunk-[hash].cjs' },
      },
    },
  }
}

function rendererConfig(root) {
  return {
    root: path.join(root, 'renderer'),
    configFile: false,
    logLevel: 'warn',
    base: './',
    plugins: windowPlugins(),
    build: {
      target: 'chrome114',
      outDir: path.join(root, 'out', 'renderer'),
      emptyOutDir: true,
      sourcemap: true,
      // The window's policy allows no data: URLs but for pictures, and no inline module preloads.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { checks: quiet },
    },
  }
}
