/**
 * The drive's database, version by version. A migration is never edited after a release; a new one is added behind it.
 * Times are epoch milliseconds (REAL where fractions matter), booleans are 0 and 1, JSON columns hold small objects.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE nodes (
    id INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    segment TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('file', 'directory', 'symlink')),
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    size INTEGER NOT NULL,
    atime REAL NOT NULL,
    mtime REAL NOT NULL,
    ctime REAL NOT NULL,
    target TEXT,
    xattrs TEXT,
    remote_key TEXT,
    remote_etag TEXT,
    remote_version TEXT,
    remote_size INTEGER,
    attributes TEXT,
    is_metadata_known INTEGER NOT NULL,
    is_local_only INTEGER NOT NULL,
    is_content_dirty INTEGER NOT NULL,
    content INTEGER NOT NULL,
    base_size INTEGER NOT NULL,
    validated_at REAL NOT NULL,
    listed_at REAL NOT NULL
  );
  CREATE UNIQUE INDEX nodes_by_place ON nodes (parent, name);
  CREATE INDEX nodes_by_remote_key ON nodes (remote_key) WHERE remote_key IS NOT NULL;

  CREATE TABLE extents (
    content INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    is_dirty INTEGER NOT NULL,
    PRIMARY KEY (content, chunk, is_dirty, start)
  ) WITHOUT ROWID;

  CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('put', 'delete')),
    key TEXT NOT NULL,
    node INTEGER NOT NULL,
    base TEXT NOT NULL,
    state TEXT NOT NULL,
    write_ids TEXT NOT NULL,
    upload_id TEXT,
    attempts INTEGER NOT NULL,
    created_at REAL NOT NULL
  );
  CREATE INDEX journal_by_key ON journal (key);
  `,
  `
  ALTER TABLE nodes ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX nodes_pinned ON nodes (id) WHERE is_pinned = 1;
  `,
  `
  CREATE TABLE uploads (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    operation INTEGER NOT NULL,
    write_id TEXT NOT NULL,
    wish TEXT NOT NULL
  );
  CREATE INDEX uploads_by_operation ON uploads (operation);

  CREATE TABLE parts (
    upload INTEGER NOT NULL,
    part_number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    etag TEXT NOT NULL,
    proof TEXT NOT NULL,
    PRIMARY KEY (upload, part_number)
  ) WITHOUT ROWID;

  INSERT INTO uploads (key, upload_id, operation, write_id, wish)
    SELECT key, upload_id, 0, '', '' FROM journal WHERE upload_id IS NOT NULL;
  ALTER TABLE journal DROP COLUMN upload_id;
  `,
  `CREATE TABLE pins (node INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL)`,
  `
  CREATE TABLE lost (
    content INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    PRIMARY KEY (content, start)
  ) WITHOUT ROWID;
  `,
  `
  -- Folders that were renamed: below these prefixes of the bucket are keys of theirs that are not operations yet.
  CREATE TABLE origins (prefix TEXT NOT NULL, node INTEGER NOT NULL, PRIMARY KEY (prefix, node)) WITHOUT ROWID;
  CREATE INDEX nodes_directories ON nodes (parent) WHERE kind = 'directory';

  -- One row for each folder that is being moved, and which operations are part of that alone.
  CREATE TABLE moves (
    node INTEGER PRIMARY KEY,
    from_path TEXT NOT NULL,
    to_path TEXT NOT NULL,
    started_at REAL NOT NULL,
    items INTEGER NOT NULL,
    is_undo INTEGER NOT NULL
  );
  ALTER TABLE journal ADD COLUMN move INTEGER;
  CREATE INDEX journal_by_move ON journal (move, kind) WHERE move IS NOT NULL;
  `,
  `
  CREATE TABLE chunks (
    content INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    length INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    dirty INTEGER NOT NULL,
    used_at REAL NOT NULL,
    rank INTEGER NOT NULL,
    sums BLOB,
    PRIMARY KEY (content, chunk)
  ) WITHOUT ROWID;
  CREATE INDEX nodes_by_content ON nodes (content) WHERE content <> 0;
  `,
  `
  -- Names for searching, folded. A change of a name is only noted here and indexed later: see files/name-index.ts.
  -- (OR IGNORE in a trigger gives way to the conflict clause of whatever statement fires it.)
  CREATE VIRTUAL TABLE names USING fts5 (folded, tokenize = 'trigram', columnsize = 0);
  CREATE TABLE unindexed (node INTEGER PRIMARY KEY);
  INSERT INTO unindexed (node) SELECT id FROM nodes;
  CREATE TRIGGER node_named AFTER INSERT ON nodes
    BEGIN INSERT INTO unindexed SELECT new.id WHERE new.id NOT IN unindexed; END;
  CREATE TRIGGER node_renamed AFTER UPDATE OF name ON nodes WHEN old.name <> new.name
    BEGIN INSERT INTO unindexed SELECT new.id WHERE new.id NOT IN unindexed; END;
  CREATE TRIGGER node_removed AFTER DELETE ON nodes
    BEGIN INSERT INTO unindexed SELECT old.id WHERE old.id NOT IN unindexed; END;
  `,
  `CREATE TABLE unread (key TEXT PRIMARY KEY, etag TEXT NOT NULL) WITHOUT ROWID`,
  `ALTER TABLE journal ADD COLUMN priority INTEGER NOT NULL DEFAULT 0`,
]
