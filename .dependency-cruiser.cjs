'use strict'
/** Who may import whom. Between processes only `contracts/`; inside the worker only downwards. */

const production = { pathNot: '\\.(test|suite|spec)\\.ts$|(^|/)testing/' }

function onlyInto(name, from, allowed, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from, ...production },
    to: { pathNot: allowed, dependencyTypesNot: ['npm', 'npm-dev', 'core', 'npm-optional', 'npm-peer'] },
  }
}

function never(name, from, to, comment) {
  return { name, comment, severity: 'error', from: { path: from, ...production }, to: { path: to } }
}

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^node:|\\?(url|raw)$' },
    },
    {
      name: 'not-to-tests',
      comment: 'What ships does not lean on what tests.',
      severity: 'error',
      from: { path: '^(contracts|language|main|preload|renderer/src|fuse-worker|cli)/', ...production },
      to: { path: '\\.(test|suite|spec)\\.ts$|(^|/)testing/|^demo-server/|^bench/|^e2e/' },
    },
    onlyInto(
      'contracts-are-alone',
      '^contracts/',
      '^(contracts|language)/',
      'Contracts are pure data: no process, no Node.',
    ),
    onlyInto('language-is-alone', '^language/', '^language/', 'Texts know nobody who says them.'),
    {
      name: 'contracts-without-node',
      severity: 'error',
      from: { path: '^(contracts|language)/', ...production },
      to: { dependencyTypes: ['core'] },
    },
    onlyInto('main-and-contracts', '^main/', '^(main|contracts|language)/', 'Main talks to the others in messages.'),
    onlyInto(
      'preload-and-contracts',
      '^preload/',
      '^(preload|contracts)/',
      'The bridge knows nothing but the contract.',
    ),
    onlyInto(
      'window-and-contracts',
      '^renderer/src/',
      '^(renderer|contracts|language)/',
      'The window shows state and sends intents.',
    ),
    onlyInto(
      'worker-and-contracts',
      '^fuse-worker/',
      '^(fuse-worker|contracts|language)/',
      'The worker runs without Electron.',
    ),
    onlyInto(
      'cli-hosts-the-worker',
      '^cli/',
      '^(cli|fuse-worker|contracts|language)/',
      'The CLI is another host of the same worker.',
    ),
    never(
      'worker-without-electron',
      '^(fuse-worker|cli)/',
      '^electron$|node_modules/electron/',
      'The worker runs without Electron.',
    ),
    never(
      's3-is-the-bottom',
      '^fuse-worker/s3/',
      '^fuse-worker/(fuse|fs|metadata|cache|journal|sync)/',
      'The port knows no drive.',
    ),
    never(
      'runtime-is-the-bottom',
      '^fuse-worker/runtime/',
      '^fuse-worker/(fuse|fs|metadata|cache|journal|sync|s3)/',
      'Small tools lean on nothing.',
    ),
    never(
      'storage-below-fs',
      '^fuse-worker/(metadata|cache|journal|sync)/',
      '^fuse-worker/(fs/|fuse/(?!kernel\\.ts$))',
      'Below the file system nothing knows paths or kernels.',
    ),
    never(
      'fs-below-fuse',
      '^fuse-worker/fs/',
      '^fuse-worker/fuse/(?!kernel\\.ts$)',
      'The file system is ignorant of the kernel.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|out|release|\\.electron-runtime|test-results|build/electron-runtime)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types', 'svelte'],
    },
  },
}
