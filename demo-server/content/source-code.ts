/** The demo's folder of source code: a little tide calculator that really runs (`node src/main.js`). */

const PACKAGE = `{
  "name": "tidepool",
  "version": "1.2.0",
  "private": true,
  "type": "module",
  "scripts": {
    "start": "node src/main.js",
    "test": "node --test"
  }
}
`

const README = `# tidepool

Predicts high water from the phases of the moon, to within a hand's breadth.

    npm start -- 2026-06-01
    npm test
`

const TIDES = `const DAY_MS = 86_400_000
const SPRING_NEAP_DAYS = 14.765
const NEW_MOON = Date.UTC(2000, 0, 6, 18, 14)

/** Height of high water in centimetres above chart datum. */
export function highWater(date) {
  const days = (date.getTime() - NEW_MOON) / DAY_MS
  return 310 + 62 * Math.cos((2 * Math.PI * days) / SPRING_NEAP_DAYS)
}

/** Spring tides are the high ones, around new and full moon. */
export function isSpringTide(date) {
  return highWater(date) > 350
}
`

const MAIN = `import { highWater, isSpringTide } from './tides.js'

const date = new Date(process.argv[2] ?? Date.now())
if (Number.isNaN(date.getTime())) {
  console.error('usage: node src/main.js YYYY-MM-DD')
  process.exit(2)
}
const height = highWater(date).toFixed(0)
console.log(\`\${date.toISOString().slice(0, 10)}: \${height} cm\${isSpringTide(date) ? ', a spring tide' : ''}\`)
`

const TEST = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { highWater, isSpringTide } from '../src/tides.js'

test('high water is highest at new moon', () => {
  const newMoon = new Date(Date.UTC(2000, 0, 6, 18, 14))
  assert.equal(Math.round(highWater(newMoon)), 372)
  assert.ok(isSpringTide(newMoon))
})
`

const STYLE = `:root {
  --sea: #3b82a0;
  --sand: #f3e9d2;
}

body {
  background: var(--sand);
  color: var(--sea);
  font: 16px/1.5 system-ui, sans-serif;
}
`

export const SOURCE_FILES: Readonly<Record<string, string>> = {
  'package.json': PACKAGE,
  'README.md': README,
  '.gitignore': 'node_modules/\n*.log\n',
  'src/tides.js': TIDES,
  'src/main.js': MAIN,
  'test/tides.test.js': TEST,
  'web/style.css': STYLE,
  'docs/How it works.md': '# How it works\n\nTwo cosines. The moon does the rest.\n',
}
