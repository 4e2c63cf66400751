/** Nothing that a person reads is written in code: neither in the window's components nor where problems are made. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'svelte/compiler'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** Said to whoever helps, not to the person. */
const forHelpers = ['main/support-bundle.ts']
const textNames = ['message', 'consequence', 'remedy']
const attributeNames = ['aria-label', 'aria-description', 'title', 'placeholder', 'alt', 'label', 'description', 'hint']

describe('the components', () => {
  it.each(filesIn('renderer/src', /\.svelte$/))('%s holds no words', (file) => {
    expect(wordsOfComponent(readFileSync(file, 'utf8'))).toEqual([])
  })

  it('would be found out', () => {
    expect(
      wordsOfComponent('<p>{name}: Not there</p><button title="Close it" class="plain button">×</button>'),
    ).toEqual([': Not there', 'Close it'])
  })
})

describe('problems', () => {
  const folders = ['contracts', 'fuse-worker', 'main', 'renderer/src']
  const files = folders.flatMap((folder) => filesIn(folder, /\.ts$/)).filter((file) => !forHelpers.includes(file))

  it('and whole sentences are made of texts of the language file, asked for when they are said', () => {
    expect(files.flatMap((file) => findings(file, readFileSync(file, 'utf8')))).toEqual([])
  })

  it('that are not would be found out', () => {
    const source = [
      "const a = { code: 'internal', message: `${name} is gone` }",
      "const remedy = isOne ? 'Try again' : t('x')",
      "const b = 'It is not there.'",
      "const c = { code: 'internal', message: t('shared.internal') }",
      "throw new Error('Never to be seen.')",
    ]
    expect(findings('a.ts', source.join('\n'))).toEqual([
      'a.ts:1 `${name} is gone`',
      "a.ts:2 'Try again'",
      "a.ts:2 t('x')",
      "a.ts:3 'It is not there.'",
      "a.ts:4 t('shared.internal')",
    ])
  })
})

function filesIn(folder: string, kind: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => kind.test(file) && !/\.(test|suite|spec)\.ts$|(^|\/)testing\//.test(file))
    .map((file) => join(folder, file))
    .sort()
}

type SvelteNode = { type?: string; name?: string; data?: string; value?: unknown; [key: string]: unknown }

function wordsOfComponent(source: string): string[] {
  const found: string[] = []
  const visit = (node: unknown, isAttribute: boolean): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one, isAttribute)
      return
    }
    if (typeof node !== 'object' || node === null) return
    const { type, name, data, value } = node as SvelteNode
    if (type === 'Text' && !isAttribute && /\p{L}{2}/u.test(data ?? '')) found.push((data ?? '').trim())
    if (type === 'Attribute') {
      const texts = Array.isArray(value) ? (value as SvelteNode[]).filter((part) => part.type === 'Text') : []
      if (attributeNames.includes(name ?? '')) found.push(...texts.map((part) => part.data ?? '').filter(isWordy))
      visit(value, true)
      return
    }
    const isStyle = type?.endsWith('Directive') === true
    for (const child of Object.values(node)) visit(child, isAttribute || isStyle)
  }
  visit(parse(source, { modern: true }).fragment, false)
  return found.filter((text) => text !== 'CloudMount')
}

/** In an attribute a word alone is an example of an address, a region or a name. */
function isWordy(text: string): boolean {
  return /^\p{Lu}\p{Ll}|\p{L}{2} |\s\p{L}{2}/u.test(text)
}

function findings(file: string, source: string): string[] {
  const found: string[] = []
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const note = (node: ts.Node): void => {
    found.push(`${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText()}`)
  }
  const visit = (node: ts.Node, isLater: boolean): void => {
    if (ts.isThrowStatement(node) && /^throw new \w*Error\(\s*['"`]/.test(node.getText())) return
    if (
      isPlainText(node) &&
      (isOfProblem(node) || /^['"`](?:\p{Lu}\p{Ll}|\p{Lu} |“).* .*[.?!…]['"`]$/su.test(node.getText()))
    )
      note(node)
    if (ts.isCallExpression(node) && node.expression.getText() === 't' && !isLater) note(node)
    ts.forEachChild(node, (child) => visit(child, isLater || ts.isFunctionLike(node)))
  }
  visit(tree, false)
  return found
}

function isPlainText(node: ts.Node): boolean {
  if (ts.isTemplateExpression(node))
    return [node.head, ...node.templateSpans.map(({ literal }) => literal)].some(({ text }) => /\p{L}{2}/u.test(text))
  return ts.isStringLiteralLike(node) && /\p{L} \S/u.test(node.text)
}

/** What `message`, `consequence` or `remedy` is set to, by itself or by a choice. */
function isOfProblem(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isConditionalExpression(parent)) return isOfProblem(parent)
  const isNamed = ts.isPropertyAssignment(parent) || ts.isVariableDeclaration(parent)
  return isNamed && parent.initializer === node && textNames.includes(parent.name.getText())
}
