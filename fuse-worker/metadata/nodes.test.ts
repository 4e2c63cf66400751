import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { join } from 'node:path'
import { scratchDirectory } from '../testing/local-drive.ts'
import { turn } from '../testing/manual-clock.ts'
import { DriveDatabase } from './database.ts'
import { blankNode, rootId, type NodeFields, type NodeId, type NodeKind } from './node.ts'
import { Nodes } from './nodes.ts'

const fields = (parent: NodeId, name: string, kind: NodeKind): NodeFields =>
  blankNode({ parent, name, segment: name, kind, mode: 0o644, uid: 0, gid: 0, nowMs: 1 })

const missing = (): never => {
  throw new Error('it is missing')
}

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

  test('of a large directory are loaded in slices, and follow what is done meanwhile', async () => {
    const { id } = nodes.insert(fields(rootId, 'large', 'directory'))
    database.transaction(() => {
      for (let file = 0; file < 3_000; file++) nodes.insert(fields(id, `f${file}`, 'file'))
    })
    await walk()
    const cold = new Nodes(database, mostHot)
    const one = cold.child(id, 'f2999')
    expect(one?.name).toBe('f2999')
    expect(cold.hotCount).toBeLessThan(10)
    expect(cold.child(id, 'f3000')).toBeUndefined()
    expect([cold.childCount(id), cold.childCount(id, 7), cold.folderCount(rootId)]).toEqual([3_000, 7, 21])
    const loading = cold.load(id)
    expect(cold.load(id)).toBe(loading)
    cold.move(cold.child(id, 'f1') ?? missing(), id, 'zz', 'zz')
    cold.move(cold.child(id, 'f999') ?? missing(), id, 'a', 'a')
    cold.remove(cold.child(id, 'f5') ?? missing())
    cold.insert(fields(id, 'new', 'file'))
    await loading
    const children = cold.children(id)
    expect(children.size).toBe(3_000)
    expect(['zz', 'a', 'new', 'f1', 'f999', 'f5'].map((name) => children.has(name))).toEqual([
      ...[true, true, true],
      ...[false, false, false],
    ])
    for (const [name, node] of children) expect(cold.get(node.id)).toBe(children.get(name))
    expect(cold.load(id)).toBeUndefined()
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
