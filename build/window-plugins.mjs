/** How Vite compiles the window, for the product and for its tests. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ourIcon = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../renderer/src/controls/LucideIcon.svelte')

export const windowPlugins = () => [lucideIcons(), svelte({ configFile: false })]

/** Each icon of the package brings its strokes and leaves the drawing to `Icon.svelte`: ours is faster. */
function lucideIcons() {
  return {
    name: 'lucide-icons',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source.endsWith('/Icon.svelte') && importer?.includes('@lucide/svelte') ? ourIcon : undefined,
  }
}
