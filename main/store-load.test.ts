import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadStore } from './store-load.ts'
import { emptyStore, storePath, type StoreShape } from './store-file.ts'
import { sampleAccount, sampleDrive } from './testing/samples.ts'
import { tempFolder } from './testing/temp-folder.ts'

const filled: StoreShape = {
  ...emptyStore(),
  accounts: [{ account: sampleAccount() }],
  drives: [{ drive: sampleDrive(), journal: { state: 'empty' } }],
}

describe('loading the store', () => {
  it('a missing file is an empty store and no damage', () => {
    expect(loadStore(storePath(tempFolder()), 1)).toEqual({ store: emptyStore() })
  })

  it('what was written comes back', () => {
    const path = storePath(tempFolder())
    writeFileSync(path, JSON.stringify(filled))
    expect(loadStore(path, 1)).toEqual({ store: filled })
  })

  it.each(['', '{"version":1,', 'null', '[]', '{"version":2,"accounts":[]}'])(
    '%j is set aside whole and said so',
    (text) => {
      const folder = tempFolder()
      const path = storePath(folder)
      writeFileSync(path, text)
      const { store, damage } = loadStore(path, 1)
      expect(store).toEqual(emptyStore())
      expect(readFileSync(damage?.asidePath ?? '', 'utf8')).toBe(text)
      expect(damage?.problem.consequence).toContain(damage?.asidePath)
      expect(loadStore(path, 2)).toEqual({ store: emptyStore() })
    },
  )

  it('one damaged drive does not cost the others', () => {
    const path = storePath(tempFolder())
    const broken = { drive: { ...sampleDrive({ id: 'broken' }), mountpoint: 7 }, journal: { state: 'empty' } }
    const text = JSON.stringify({ ...filled, drives: [broken, ...filled.drives], settings: 'none' })
    writeFileSync(path, text)
    const { store, damage } = loadStore(path, 1)
    expect(store).toEqual(filled)
    expect(readFileSync(damage?.asidePath ?? '', 'utf8')).toBe(text)
  })

  it('an earlier file set aside is never written over', () => {
    const folder = tempFolder()
    const path = storePath(folder)
    for (const text of ['first', 'second']) {
      writeFileSync(path, text)
      loadStore(path, 5)
    }
    const aside = readdirSync(folder).filter((name) => name.includes('damaged'))
    expect(aside.map((name) => readFileSync(join(folder, name), 'utf8')).sort()).toEqual(['first', 'second'])
  })
})
