import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { join } from 'node:path'
import { scratchDirectory } from '../testing/local-drive.ts'
import { turn } from '../testing/manual-clock.ts'
import { DriveDatabase } from './database.ts'
import { blankNode, rootId, type NodeFields, type NodeId, type NodeKind } from './node.ts'
import { Nodes } from './nodes.ts'

const fields = (parent: NodeId, name: string, kind: NodeKind): NodeFields =>
  blankNode({ parent, name, segment: name, kind, mode: 0o644, uid: 0, gid: 0, nowMs: 1 })

describe('nodes in memory', () => {
  const mostHot = 100
  let scratch: ReturnType<typeof scratchDirectory>
  let database: DriveDatabase
  let nodes: Nodes
  let folders: NodeId[]

  beforeEach(() => {
    scratch = scratchDirectory()
    database = new DriveDatabase(join(scratch.path, 'drive.sqlite'))
    nodes = new Nodes(database, mostHot)
    nodes.ensureRoot(fields(0, '', 'directory'))
    folders = Array.from({ length: 20 }, (_, index) => {
      const { id } = nodes.insert(fields(rootId, `d${index}`, 'directory'))
      for (let file = 0; file < 20; file++) nodes.insert(fields(id, `f${file}`, 'file'))
      return id
    })
  })

  afterEach(() => {
    database.close()
    scratch.remove()
  })

  async function walk(): Promise<void> {
    for (const id of folders) {
      expect([...nodes.children(id).keys()]).toHaveLength(20)
      await turn()
    }
  }

  test('are few, however many have been asked for', async () => {
    for (let round = 0; round < 3; round++) {
      await walk()
      expect(nodes.hotCount).toBeLessThanOrEqual(2 * mostHot + 20)
    }
  })

  test('are what their rows say after they were dropped', async () => {
    const [first = 0] = folders
    const node = nodes.child(first, 'f3')
    if (node === undefined) throw new Error('f3 is missing')
    node.size = 77
    nodes.save(node)
    await walk()
    expect(nodes.child(first, 'f3')).not.toBe(node)
    expect(nodes.child(first, 'f3')?.size).toBe(77)
  })

  test('stay while memory knows more of them than their rows, as one object', async () => {
    const [first = 0] = folders
    const node = nodes.child(first, 'f3')
    if (node === undefined) throw new Error('f3 is missing')
    nodes.keepAhead((id) => id === node.id)
    node.size = 77
    await walk()
    expect(nodes.get(node.id)).toBe(node)
    expect(nodes.child(first, 'f3')).toBe(node)
  })

  test('of one folder larger than all that may stay, stay while it is in use beside others', async () => {
    const { id } = nodes.insert(fields(rootId, 'large', 'directory'))
    for (let file = 0; file < 300; file++) nodes.insert(fields(id, `f${file}`, 'file'))
    const children = nodes.children(id)
    for (let round = 0; round < 3; round++) {
      for (const other of folders) {
        expect(nodes.children(id)).toBe(children)
        expect(nodes.children(other).size).toBe(20)
        await turn()
      }
    }
    for (let round = 0; round < 5; round++) await walk()
    expect(nodes.hotCount).toBeLessThan(300)
    expect(nodes.children(id).size).toBe(300)
  })

  test('are not dropped under whoever has just been given them', async () => {
    const given = folders.map((id) => nodes.child(id, 'f0'))
    folders.forEach((id, index) => expect(nodes.child(id, 'f0')).toBe(given[index]))
    await turn()
  })
})
