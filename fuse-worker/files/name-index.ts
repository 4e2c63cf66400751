/**
 * The index of names for searching, in the drive's database. A change of a name only notes the node (a trigger, see the schema);
 * it is brought into the index later, in slices, and only while somebody looks at the drive's files: a name costs more to index
 * than its file costs to create. What is in the index is the folded name, so that a search folds the same way.
 */
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeId } from '../metadata/node.ts'
import { fold } from './fold.ts'

/** As few as keep what the index does at the end of a transaction short, too. */
const namesPerSlice = 25
const idsPerPage = 500
/** Of a scan, for words too short for the index: nodes looked at in one go. */
const nodesPerScan = 10_000
/** As short as what the index holds. */
const threeCharacters = /.{3}/su

export class NameIndex {
  readonly #database: DriveDatabase
  readonly #unindexed: Statement
  readonly #anyUnindexed: Statement
  readonly #countUnindexed: Statement
  readonly #forget: Statement
  readonly #remove: Statement
  readonly #insert: Statement
  readonly #match: Statement
  readonly #scan: Statement
  readonly #last: Statement

  constructor(database: DriveDatabase) {
    this.#database = database
    this.#unindexed = database.prepare(
      'SELECT node, name FROM unindexed LEFT JOIN nodes ON nodes.id = unindexed.node ORDER BY node LIMIT ?',
    )
    this.#anyUnindexed = database.prepare('SELECT 1 FROM unindexed LIMIT 1')
    this.#countUnindexed = database.prepare('SELECT count(*) AS count FROM unindexed')
    this.#forget = database.prepare('DELETE FROM unindexed WHERE node = ?')
    this.#remove = database.prepare('DELETE FROM names WHERE rowid = ?')
    this.#insert = database.prepare('INSERT INTO names (rowid, folded) VALUES (?, ?)')
    this.#match = database.prepare(
      'SELECT rowid AS id FROM names WHERE names MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?',
    )
    // The text as the index keeps it: through the index itself each row costs thirty times as much.
    this.#scan = database.prepare(
      'SELECT id FROM names_content WHERE id > ? AND id <= ? AND instr(c0, ?) BETWEEN 1 AND ? ORDER BY id',
    )
    this.#last = database.prepare('SELECT max(id) AS last FROM nodes')
  }

  get isBehind(): boolean {
    return this.#anyUnindexed.get() !== undefined
  }

  /** How many nodes may have another name than the index says. */
  get behind(): number {
    return Number(this.#countUnindexed.get()?.['count'] ?? 0)
  }

  /** Takes some names into the index; false when there was nothing to do. */
  catchUp(): boolean {
    const rows = this.#unindexed.all(namesPerSlice)
    if (rows.length === 0) return false
    this.#database.transaction(() => {
      for (const { node = null, name = null } of rows) {
        this.#remove.run(node)
        if (typeof name === 'string' && name !== '') this.#insert.run(node, fold(name))
        this.#forget.run(node)
      }
    })
    return true
  }

  /**
   * Nodes whose names may hold every one of the folded words, those whose names begin with `beginning` first; a node may come twice.
   * In pages: between two of them others may go on.
   */
  *candidates(words: readonly string[], beginning: string): Generator<NodeId[]> {
    const long = words.filter(isIndexed)
    if (isIndexed(beginning)) yield* this.#matching(`^${quoted(beginning)}`)
    if (long.length > 0) yield* this.#matching(long.map(quoted).join(' AND '))
    else {
      yield* this.#holding(beginning, 1)
      yield* this.#holding(words[0] ?? '', Number.MAX_SAFE_INTEGER)
    }
  }

  *#matching(query: string): Generator<NodeId[]> {
    for (let last = 0; ;) {
      const ids = idsOf(this.#match.all(query, last, idsPerPage))
      yield ids
      if (ids.length < idsPerPage) return
      last = ids.at(-1) ?? last
    }
  }

  /** Those where the text begins no later than at this character. */
  *#holding(text: string, latest: number): Generator<NodeId[]> {
    const last = Number(this.#last.get()?.['last'] ?? 0)
    for (let start = 0; start < last; start += nodesPerScan)
      yield idsOf(this.#scan.all(start, start + nodesPerScan, text, latest))
  }
}

const isIndexed = (word: string): boolean => threeCharacters.test(word)

const quoted = (word: string): string => `"${word.replaceAll('"', '""')}"`

const idsOf = (rows: ReturnType<Statement['all']>): NodeId[] => rows.map((row) => Number(row['id']))
