import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { windowPlugins } from '../../build/window-plugins.mjs'

/** The window on a fake bridge, for development and for the checks beside this file. Not part of the product's build. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  base: './',
  plugins: windowPlugins(),
  build: {
    target: 'chrome114',
    outDir: fileURLToPath(new URL('../../out/preview', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rolldownOptions: { input: fileURLToPath(new URL('preview.html', import.meta.url)) },
  },
})
