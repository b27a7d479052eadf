-- From schema 2 to 3: the journal. One row of `journal` per lifecycle row of a run, in the order in
-- which they were made; what is in it was durable before anybody was shown what depends on it.

-- A journaled run: a plain script, or one cell of a bench.
CREATE TABLE journal_run (
  number   INTEGER PRIMARY KEY,          -- names it in `journal`
  bench_id TEXT NOT NULL REFERENCES bench (id),
  cell     TEXT NOT NULL,                -- name of the cell
  UNIQUE (bench_id, cell)
) STRICT;

-- The rowid holds both the run and the place in it, so that rows are appended and one tree finds
-- them. Small values stand in the row: a digest and a row of `blob` cost more than they save there.
CREATE TABLE journal (
  id       INTEGER PRIMARY KEY,          -- run number * 2^32 + place, from 1
  kind     TEXT NOT NULL,                -- 'begin', 'spawned', ..., 'ended'
  node     TEXT NOT NULL,                -- 'root/1'
  clock    INTEGER NOT NULL,             -- logical time of the node
  code     TEXT,                         -- status of a refusal or a down: 'BUDGET_EXHAUSTED'
  text     TEXT,                         -- label, reason, decision point
  place    TEXT,                         -- 'file:line' of a down
  amount   TEXT,                         -- JSON object: ceiling, units or spend, by the kind
  flags    INTEGER,                      -- 1 over, 2 infra, 4 settled as a question; NULL: none
  value    BLOB,                         -- value: task, result, message; up to 256 bytes
  content  BLOB                          -- content: a longer one
) STRICT;
