-- The corpus, schema 1. One row of `bench` per command that stored something, one of `cell` per run,
-- one of `attempt` per artifact submitted. What is queried stands in a column of its own (json_extract
-- is about 50 times dearer); what is only carried stands in `blob`, by the SHA-256 of its bytes.
--
-- A column whose comment says "content" holds such a digest; "value" holds an encoded plain value.
-- No foreign key leads to `blob`: content is written in the same transaction as its first mention and
-- never deleted, and a lookup per mention would cost more than it proves.

-- The rowid keeps the contents in the order they came, so that they are appended; a table clustered by
-- digest was measured at twice the time per insert (tests/bench/corpus_insert, 4 kB contents).
CREATE TABLE blob (
  digest BLOB NOT NULL UNIQUE,           -- SHA-256 of the content, 32 bytes
  codec  INTEGER NOT NULL,               -- 0 as it is, 1 zstd frame
  size   INTEGER NOT NULL,               -- bytes of the content
  bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE bench (
  id         TEXT PRIMARY KEY NOT NULL,  -- run id, made by the engine
  kind       TEXT NOT NULL,              -- 'bench', 'script', 'import'
  adapter    TEXT,                       -- NULL: a plain run
  seed       INTEGER NOT NULL,
  split      TEXT,
  config     BLOB,                       -- value: options as given
  arms       BLOB,                       -- value
  started_ms INTEGER NOT NULL,           -- since 1970, UTC
  ended_ms   INTEGER,                    -- NULL: never ended
  digest     BLOB,                       -- of the configuration (adapter, tasks, arms, budget)
  result     BLOB,                       -- content: what was printed
  source     TEXT                        -- command line or file imported
) STRICT, WITHOUT ROWID;

-- A plain `han script` run is a cell whose adapter, task, arm and score are NULL.
CREATE TABLE cell (
  id             INTEGER PRIMARY KEY,
  bench_id       TEXT NOT NULL REFERENCES bench (id),
  cell           TEXT NOT NULL,          -- 'repair/<task>/<arm>/<replicate>'
  try            INTEGER NOT NULL,       -- 0; 1 after an infra failure; 2, 3 ... where a resume ran a lost cell anew
  adapter        TEXT,
  task           TEXT,
  grp            TEXT,                   -- unit of splits, resampling and n
  arm            TEXT,
  strategy       TEXT,
  split          TEXT,
  seed           INTEGER NOT NULL,
  replicate      INTEGER NOT NULL,
  status         TEXT NOT NULL,          -- 'done', 'down', 'question'
  reason         TEXT,
  where_         TEXT,                   -- 'file:line' of the script
  infra          INTEGER NOT NULL,
  over           INTEGER NOT NULL,       -- an opaque worker spent above its ceiling
  score_pass     INTEGER,                -- the judge's, on the output kept
  score_correct  REAL,
  score_fast     REAL,
  score_secure   REAL,
  score_cheap    REAL,
  score          BLOB,                   -- value
  verdict_pass   INTEGER,                -- the verifier's, on the output kept
  verdict_correct REAL,
  verdict_fast   REAL,
  verdict_secure REAL,
  verdict_cheap  REAL,
  verdict        BLOB,                   -- value
  kept           INTEGER,                -- ordinal of the attempt whose output was chosen
  output         BLOB,                   -- content
  spend_tokens   INTEGER,                -- NULL in a spend: not measured; in a budget: not declared
  spend_nano_usd INTEGER,
  spend_shots    INTEGER,
  spend_turns    INTEGER,
  spend_evals    INTEGER,
  spend_named    TEXT,                   -- JSON object: other resources
  budget_tokens  INTEGER,
  budget_nano_usd INTEGER,
  budget_shots   INTEGER,
  budget_turns   INTEGER,
  budget_evals   INTEGER,
  budget_named   TEXT,
  wall_ms        REAL,
  cpu_ms         REAL,
  program        BLOB,                   -- digests of what ran
  profile        BLOB,
  checks         BLOB,
  engine         BLOB,
  trust          TEXT,                   -- 'split', 'weak'
  sandbox        TEXT,                   -- 'strong', 'landlock', 'none'
  difficulty     REAL,
  meta           TEXT,                   -- JSON
  nodes          BLOB,                   -- content: one entry per node of the tree
  decisions      BLOB,                   -- content: what was chosen, with propensities
  UNIQUE (bench_id, cell, try)
) STRICT;

CREATE INDEX cell_by_strategy ON cell (adapter, strategy);
CREATE INDEX cell_by_task ON cell (adapter, task);

-- Clustered by cell: the attempts of one cell lie side by side.
CREATE TABLE attempt (
  cell_id        INTEGER NOT NULL REFERENCES cell (id),
  ordinal        INTEGER NOT NULL,       -- order of submission, from 1
  node           TEXT,
  from_          BLOB,                   -- digest of the artifact it started from
  steer          BLOB,                   -- content: findings
  spans          BLOB,                   -- content: the trace
  output         BLOB,                   -- content: the artifact
  status         TEXT,
  reason         TEXT,
  infra          INTEGER NOT NULL,
  over           INTEGER NOT NULL,
  verdict_pass   INTEGER,
  verdict_correct REAL,
  verdict_fast   REAL,
  verdict_secure REAL,
  verdict_cheap  REAL,
  verdict        BLOB,                   -- value
  spend_tokens   INTEGER,
  spend_nano_usd INTEGER,
  spend_shots    INTEGER,
  spend_turns    INTEGER,
  spend_evals    INTEGER,
  spend_named    TEXT,
  wall_ms        REAL,
  cpu_ms         REAL,
  PRIMARY KEY (cell_id, ordinal)
) STRICT, WITHOUT ROWID;
