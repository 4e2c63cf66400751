import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'

/** Raw interfaces that one file owns: everybody else goes through that file. */
const guarded = {
  electronIpc: {
    name: 'electron',
    importNames: ['ipcMain', 'ipcRenderer'],
    message: 'Channels are derived from contracts/ipc.ts in one file of main and one of preload.',
  },
  addon: { name: '@cocalc/fuse-native', message: 'The addon is known to fuse-worker/fuse/binding.ts alone.' },
  keytar: { name: 'keytar', message: 'The keychain is known to main/keychain.ts alone.' },
  sdk: { group: ['@aws-sdk/*', '@smithy/*'], message: 'The SDK is known to fuse-worker/s3/sdk*.ts alone.' },
}

function restrict(...names) {
  const chosen = names.map((name) => guarded[name])
  return [
    'error',
    { paths: chosen.filter((rule) => 'name' in rule), patterns: chosen.filter((rule) => 'group' in rule) },
  ]
}

export default ts.config(
  { ignores: ['out/', 'release/', '.electron-runtime/', 'test-results/', 'playwright-report/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.cjs', '*.js'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.ts'],
    extends: [...ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // A number in a sentence is what a template is for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `interface` says a port here and `type` says data, which no rule can tell apart.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // An async function that awaits nothing yet keeps its promise: it rejects instead of throwing.
      '@typescript-eslint/require-await': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'A union of string literals says it without code.' },
        { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
      ],
      'no-restricted-imports': restrict('electronIpc', 'addon', 'keytar', 'sdk'),
    },
  },
  { files: ['main/ipc.ts', 'preload/**/*.ts'], rules: { 'no-restricted-imports': restrict('addon', 'keytar', 'sdk') } },
  {
    files: ['main/keychain.ts'],
    rules: { 'no-restricted-imports': restrict('electronIpc', 'addon', 'sdk') },
  },
  {
    files: ['fuse-worker/fuse/binding.ts'],
    rules: { 'no-restricted-imports': restrict('electronIpc', 'keytar', 'sdk') },
  },
  {
    files: [
      'fuse-worker/s3/sdk*.ts',
      'fuse-worker/testing/**/*.ts',
      'demo-server/conformance/**/*.ts',
      'e2e/**/*.ts',
      'bench/**/*.ts',
      '**/*.test.ts',
    ],
    rules: { 'no-restricted-imports': restrict('electronIpc', 'addon', 'keytar') },
  },
  {
    // Tests reach into what they were given, and a matcher that is handed a method does not call it.
    files: ['**/*.test.ts', '**/*.suite.ts', '**/*.spec.ts', 'e2e/**/*.ts'],
    rules: {
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  { files: ['**/*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  ...svelte.configs['flat/recommended'],
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] },
    },
    plugins: { '@typescript-eslint': ts.plugin },
    // The plain rule takes the parameter names of a function type for variables.
    rules: {
      'no-unused-vars': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  { files: ['renderer/**'], languageOptions: { globals: globals.browser } },
)
